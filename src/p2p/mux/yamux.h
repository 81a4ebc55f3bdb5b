// A secured connection with its streams: the coroutines around the pure yamux session.
//
// One reader, one writer, one keep-alive per connection, all ended before `run` returns. A stream's
// write encrypts straight from the caller's memory when there is credit and room; the writer sends
// whatever has gathered in one system call. Streams that want to write while much is under way take
// turns of one frame each, so bulk data starves nobody, and control frames go first.
//
// Spec:   libp2p/specs yamux (docs/dev/protocols/yamux.md)
// Owns:   channel, session.   Borrows: Runtime.   Thread: loop only.
// Limits: mux/limits.h.   Errors: see run() and YamuxStream.
#pragma once

#include <deque>
#include <string>

#include "base/task_scope.h"
#include "p2p/mux/yamux_session.h"
#include "p2p/secure/noise_channel.h"
#include "p2p/stream.h"
#include "p2p/work_budget.h"

namespace goop::p2p::mux {

class Yamux;

// What the streams of a connection share; outlives the connection as long as one of them.
struct Link {
  Yamux* connection;  // null once it has ended
  ConnectionInfo info;
  std::shared_ptr<WorkBudget> work;  // null: nobody counts
  std::uint64_t used_bytes = 0;      // see Yamux::used_bytes
};

// A stream below its negotiation. Kept alive by whoever uses it, running calls included; when the
// connection ends it is reset and forgets the connection.
class YamuxStream final : public StreamState, public std::enable_shared_from_this<YamuxStream> {
 public:
  YamuxStream(std::uint32_t stream_id, Runtime& runtime, std::shared_ptr<Link> link);

  Task<BytesView> fill(Deadline by);
  void consume_bytes(std::size_t count);
  Task<> write_all(std::span<const BytesView> parts, Deadline by);
  void end_write();
  void end();  // closes both directions in order
  void abort(std::uint32_t code);
  Duration charge(WorkUnits units);  // as Duplex::charge

  const ConnectionInfo& info() const { return link_->info; }
  ConnectionInfo snapshot() const;
  Runtime& runtime() { return runtime_; }

  // Told when a lazily negotiated protocol turned out not to be spoken (any more).
  void on_refused(std::function<void(const ProtocolId&)> tell) { refused_ = std::move(tell); }
  void refused(const ProtocolId& protocol) {
    if (refused_) refused_(protocol);
  }

  // From now on what is done over this stream counts as use of the connection.
  void count_use() { counted_ = true; }

  // Kept until the last handle of the stream is gone: budget tickets.
  void hold(std::shared_ptr<void> ticket) { held_.push_back(std::move(ticket)); }

 private:
  friend class Yamux;
  class Place;
  Task<> wait_for_turn(Deadline by);
  [[noreturn]] void raise_reset() const;

  Runtime& runtime_;
  std::shared_ptr<Link> link_;
  Signal readable_, writable_;
  std::vector<std::shared_ptr<void>> held_;
  std::function<void(const ProtocolId&)> refused_;
  bool counted_ = false;
};

struct YamuxOptions {
  Role role = Role::client;
  ConnectionInfo info = {};  // what streams say of their connection
  Segment surplus = {};      // read behind the muxer negotiation
  Duration keep_alive = limits::keep_alive_interval;
  std::uint32_t window_most = limits::window_most;
  Holdings::Charge charge = {};           // see SessionOptions
  std::shared_ptr<WorkBudget> work = {};  // what the other side may make us do; null: anything
};

class Yamux {
 public:
  Yamux(Runtime& runtime, NoiseChannel channel, YamuxOptions options);
  ~Yamux();  // run() must have returned, or never begun

  // Serves the connection until it ends; returns when the other side, or close(), ended it in
  // order, and throws why otherwise (violation, busy: no memory for what it sends, closed, timeout,
  // cancelled).
  Task<> run();

  // A new outbound stream; waits while too many are unacknowledged. closed: the connection ends.
  Task<std::shared_ptr<YamuxStream>> open(Deadline by);

  // The next inbound stream; null when the connection has ended.
  Task<std::shared_ptr<YamuxStream>> accept();

  // Says go away, lets what is queued go out, ends the connection; run() then returns.
  Task<> close(Deadline by);
  void abort() noexcept;

  bool ended() const { return ended_ || closing_; }  // or about to: it opens no more streams
  // One side has said that it ends the connection.
  bool ended_in_order() const { return closing_ || session_.remote_gone(); }
  ConnectionInfo info() const;
  bool flooded() const { return flooded_; }  // ended because it asked for too much work
  std::size_t unread_bytes() const { return session_.unread_bytes(); }
  std::uint64_t bytes_in() const { return channel_.bytes_in(); }
  std::uint64_t bytes_out() const { return channel_.bytes_out(); }
  // Of streams with count_use: what was read, and what went out on those that the other side
  // opened.
  std::uint64_t used_bytes() const { return link_->used_bytes; }

 private:
  friend class YamuxStream;
  Task<> read_loop();
  Task<> write_loop();
  Task<> keep_alive_loop();
  Task<> pause_for_work(std::uint64_t read);
  Result<void> take(Segment piece);
  void dispatch_events();
  void kick();
  bool full() const { return channel_.pending() >= limits::queued_bytes_most; }
  bool must_queue() const { return full() || !line_.empty(); }
  bool turn_of(const YamuxStream& stream) const { return !full() && line_.front() == &stream; }
  void next_turn();
  void queue_control();
  Task<> drain(Deadline by);
  void end_all_streams();

  Runtime& runtime_;
  NoiseChannel channel_;
  std::shared_ptr<Link> link_;
  Duration keep_alive_;
  Segment surplus_;
  Session session_;
  Signal work_, room_, opened_, accepted_, consumed_, gone_;
  std::deque<std::shared_ptr<YamuxStream>> backlog_;
  std::deque<YamuxStream*> line_;     // whose writers wait; each in turn sends one frame
  Instant heard_{};                   // when the last piece came in
  std::uint64_t charged_frames_ = 0;  // of the channel
  bool ended_ = false;
  bool closing_ = false;
  bool aborted_ = false;
  bool flooded_ = false;
  std::optional<Error> why_;  // what ended it out of order
  TaskScope tasks_;
};

}  // namespace goop::p2p::mux
