// Who listens, and what they get: changes of the board, encoded once for each kind of stream.
//
//   hub.tell(changes);                       // any time; goes out within limits::flush_pace
//   auto reader = hub.add(std::move(stream), client);
//   hub.begin(*reader, Format::sse_delta, Audience::open, resume_after);
//   … read the stream until it ends …
//   hub.remove(*reader);
//
// There is a channel for each format and audience, with one log of bytes that its readers share.
// A reader that lags so far that its news are gone gets a mark of it and a new snapshot (delta), or
// goes on with the next news (full, where everything is repeated anyway).
//
// Thread: loop only.   Borrows: Runtime, Board.   Owns: channels, readers, the history to resume
// from.   Limits: limits.h, "streams"
#pragma once

#include <span>

#include "rendezvous/board.h"
#include "rendezvous/stream_format.h"
#include "rendezvous/subscriber.h"

namespace goop::rendezvous {

struct Channel {
  Format format;
  Audience audience;
  StreamLog log = {};
  std::vector<std::shared_ptr<Subscriber>> readers = {};
};

struct HubCounters {
  std::uint64_t told = 0, beats = 0, deliveries = 0, gaps = 0, resumed = 0, snapshots = 0;
};

class Hub {
 public:
  Hub(Runtime& runtime, Board& board, std::string boot);

  Task<> run();  // flushes and pings, until cancelled
  Task<> stop();

  void tell(std::span<const Change> changes);

  std::shared_ptr<Subscriber> add(std::unique_ptr<net::ByteStream> stream,
                                  const net::IpAddress& client);
  // From here on it gets news. `resume_after`: the change it had last; where that is not in the
  // history any more, and without it, a snapshot comes first.
  void begin(Subscriber& reader, Format format, Audience audience,
             std::optional<std::uint64_t> resume_after);
  // With a new snapshot on a delta stream.
  void change_audience(Subscriber& reader, Audience audience);
  // The same for every reader of this client that has not proven who it is.
  void change_audience(const net::IpAddress& client, Audience audience);
  void remove(Subscriber& reader);

  void finish_all();  // sends what there is, and ends

  const EventIds& ids() const { return ids_; }
  std::size_t size() const { return readers_; }
  std::size_t readers(Format format) const;
  const HubCounters& counters() const { return counters_; }

 private:
  struct Snapshot {
    std::vector<Chunk> chunks;
    std::uint64_t number = 0;
    Instant made{};
  };
  struct Past {
    std::uint64_t number;
    Message message;
    std::size_t bytes;
  };

  Channel& channel(Format format, Audience audience);
  void encode(const Change& change);
  void remember(const Change& change, std::size_t bytes);
  void list(Subscriber& reader, Channel& channel);
  void unlist(Subscriber& reader);
  const Snapshot& snapshot(Channel& channel);
  void send_snapshot(Subscriber& reader);
  bool resume(Subscriber& reader, std::uint64_t after);
  void help_lagging(Subscriber& reader);
  void wake();
  Task<> serve(Channel& channel);
  Task<> flush_on();
  Task<> ping_every(Duration pause, bool sockets);

  Runtime& runtime_;
  Board& board_;
  EventIds ids_;
  std::vector<Channel> channels_;
  std::vector<Snapshot> snapshots_;  // by channel
  std::deque<Past> history_;
  std::size_t history_bytes_ = 0;
  std::size_t readers_ = 0;
  HubCounters counters_;
  Signal news_;
  bool dirty_ = false;
  Instant flushed_{};
  TaskScope tasks_;
  Subscriber::Shared shared_;
};

}  // namespace goop::rendezvous
