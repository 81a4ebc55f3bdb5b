// One reader of a stream: what it still has to get, and the connection it gets it through.
//
// News lie in a log that all readers of a kind share (stream_log.h); a reader is a place in it,
// and has something of its own only now and then (a snapshot, a punch, a pong). So ten thousand
// idle readers cost what their sockets cost. Writing never waits: what the system does not take
// at once is finished by a task that lives only as long as that takes. A reader that falls out of
// the log gets nothing of it until it is put back (follow); one that takes nothing for
// limits::write_time is ended.
//
// Thread: loop only.   Owns: the stream.   Borrows: what Shared holds, and the log.
// It is shared with its tasks; whoever reads the stream notices its end and takes it out.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/task_scope.h"
#include "net/network.h"
#include "rendezvous/stream_log.h"

namespace goop::rendezvous {

struct Channel;

class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  struct Shared {  // by all of them
    Runtime& runtime;
    TaskScope& tasks;
    std::function<void()> lagging;  // called when one has fallen out of its log
  };

  struct Who {
    net::IpAddress client;
    bool proven = false;  // a peer that has signed on this very connection
  };

  Subscriber(Shared& shared, std::unique_ptr<net::ByteStream> stream, const net::IpAddress& client)
      : who{client}, shared_(shared), stream_(std::move(stream)) {}

  Who who;

  // From the log's end on. Null: nothing but what it is sent itself.
  void follow(StreamLog* log);

  // Own bytes, in front of the log's news that were not begun yet. False: too many of them wait,
  // and these were left out.
  bool send(Chunk chunk);
  void send_all(const std::vector<Chunk>& chunks);  // whatever their number: a snapshot

  void pump();  // writes what can be written now
  bool lags() const { return lags_; }

  void end() noexcept;  // ends the connection; whoever reads it notices
  void finish();        // ends our direction when what waits has been written; nothing more is sent
  bool over() const { return over_; }
  bool finishing() const { return finishing_; }

  net::ByteStream& stream() { return *stream_; }

 private:
  std::vector<Chunk> take();
  bool anything() const { return !own_.empty() || (log_ && !lags_ && next_ < log_->end()); }
  static Task<> drain(std::shared_ptr<Subscriber> self, std::vector<Chunk> chunks,
                      std::size_t written);

  friend class Hub;
  Shared& shared_;
  std::unique_ptr<net::ByteStream> stream_;
  Channel* channel_ = nullptr;  // the hub's: where it is listed, and at which place
  std::size_t place_ = 0;
  StreamLog* log_ = nullptr;
  std::uint64_t next_ = 0;  // chunk of the log
  std::vector<Chunk> own_;
  std::size_t own_bytes_ = 0;
  bool writing_ = false, over_ = false, finishing_ = false, lags_ = false;
};

}  // namespace goop::rendezvous
