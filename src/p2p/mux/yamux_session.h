// yamux session: many streams over one ordered pipe.
//
// Pure state: pieces of bytes in, frames and stream events out. Waiting is done in mux/yamux.h, so
// lost window updates and half-closed streams can be tested without a socket or a clock. Bodies are
// kept as slices of the pieces they came in; credit is granted only for what was consumed.
//
// Spec:   libp2p/specs yamux; where it is silent, go-yamux 5 (docs/dev/protocols/yamux.md)
// Owns:   stream table, both windows.   Borrows: nothing.   Thread: loop only.
// Units:  windows in bytes, times from Runtime.   Limits: mux/limits.h, SessionOptions
// Errors: violation and busy end the session (send go_away, close); a reset ends one stream.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/rate_limit.h"
#include "p2p/mux/holdings.h"
#include "p2p/mux/limits.h"
#include "p2p/mux/yamux_frame.h"
#include "p2p/secure/segment.h"
#include "p2p/work_units.h"

namespace goop::p2p::mux {

enum class Role { client, server };  // the client dialled: its stream ids are odd

// One stream as the session sees it; the driver derives from it to add what waiting needs.
struct StreamState {
  explicit StreamState(std::uint32_t stream_id) : id(stream_id) {}
  virtual ~StreamState();

  const std::uint32_t id;
  bool ours = false;          // we opened it
  bool acknowledged = false;  // the opener has seen ACK, or we have sent it

  std::uint64_t send_window = limits::initial_window;     // what we may still send
  std::uint64_t receive_window = limits::initial_window;  // what they may still send
  std::uint32_t window = limits::initial_window;          // the size we restore it to
  std::size_t consumed = 0;                               // since the last update
  Instant updated{};                                      // when the last update went out

  std::deque<Segment> inbox;
  std::size_t unread = 0;
  Segment looked_at;  // what was the inbox's front when input was dropped: a reader may still look
  std::shared_ptr<Holdings> holdings;  // charged with the blocks of inbox and looked_at
  std::size_t held = 0;                // of this stream

  bool sent_fin = false, got_fin = false;
  bool reset = false;
  std::uint32_t reset_code = 0;  // of the side that reset
  bool discarding = false;       // closed by us: input is dropped, without credit
  Instant discarding_since{};
  bool update_queued = false;

  bool finished() const { return reset || (sent_fin && got_fin); }
  bool push(Segment body);       // false: the holdings refuse it
  void drop(std::size_t count);  // from the front of the inbox
  std::size_t drop_all();        // what a reader may look at stays; gives how much was unread

 private:
  bool hold(Segment piece);
  void release(std::size_t bytes);
};
using StreamPtr = std::shared_ptr<StreamState>;

struct SessionOptions {
  Role role = Role::client;
  std::size_t inbound_streams = limits::inbound_streams;
  std::uint32_t window_most = limits::window_most;
  Holdings::Charge charge;  // for window growth and unread data; empty: nothing is refused
  // Makes the state of a stream, so that the driver can use its own type.
  std::function<StreamPtr(std::uint32_t id)> make_stream;
};

struct StreamEvent {
  enum class Kind { opened, readable, writable, reset } kind;
  StreamPtr stream;
};

class Session {
 public:
  explicit Session(SessionOptions options);
  ~Session();

  // --- input ---

  // Takes a piece of the pipe. violation, busy (no memory for unread data): go_away() and close.
  // Events are in take_events().
  Result<void> on_piece(Segment piece, Instant now);
  std::vector<StreamEvent> take_events() { return std::exchange(events_, {}); }

  // What the frames since the last call cost, by p2p/work_prices.h.
  WorkUnits take_work() { return std::exchange(work_, 0); }

  // How long to pause reading because the other side spends too many cheap frames; 0: go on.
  Duration pause(Instant now);

  // --- our side of streams ---

  // busy: too many of our streams wait for their acknowledgement. The SYN is queued.
  Result<StreamPtr> open();
  std::size_t unacknowledged() const { return unacknowledged_; }

  // Credit for a body of up to `wanted` bytes; takes it and gives the frame's header. 0 credit:
  // nullopt. The caller sends header and body at once.
  std::optional<FrameHeader> begin_body(StreamState& stream, std::size_t wanted);

  void consume(StreamState& stream, std::size_t count, Instant now);  // from the inbox's front
  void close_write(StreamState& stream);
  void close(StreamState& stream, Instant now);  // both directions; later input is dropped
  void reset(StreamState& stream, std::uint32_t code);

  // --- session ---

  void ping(Instant now);  // at most one is under way
  bool ping_overdue(Instant now) const;
  // When the ping under way will be overdue; else when one is due if nothing comes in.
  Instant next_look(Instant heard, Duration keep_alive) const;
  std::optional<Duration> rtt() const { return rtt_; }
  void expire(Instant now);       // resets streams that linger half closed; settles the holdings
  void go_away(GoAwayCode code);  // opens and accepts nothing from now on
  std::optional<std::uint32_t> remote_gone() const { return remote_gone_; }

  // Frames to send before any further data; they must go out in order. Emptied by the call.
  void drain_control(const std::function<void(const FrameHeader&)>& send);
  bool has_control() const;
  // So many replies wait that no more input may be read until they are sent.
  bool control_full() const;

  std::size_t streams() const { return streams_.size(); }
  std::size_t inbound() const { return inbound_; }
  std::size_t unread_bytes() const { return unread_bytes_; }
  const Holdings& holdings() const { return *holdings_; }
  void drop_unread();  // of all streams: the session ends for want of memory
  void for_each(const std::function<void(StreamState&)>& visit);

 private:
  Result<void> on_frame(const FrameHeader& header, Instant now);
  Result<void> on_data_header(const FrameHeader& header, Instant now);
  Result<void> on_window_update(const FrameHeader& header, Instant now);
  Result<void> on_ping(const FrameHeader& header, Instant now);
  StreamPtr make_stream(std::uint32_t id);
  Result<StreamState*> stream_for(const FrameHeader& header, Instant now);
  Result<StreamState*> accept(const FrameHeader& header, Instant now);
  void take_flags(StreamState& stream, const FrameHeader& header, Instant now);
  Result<void> take_body(StreamState& stream, Segment body);
  void charge(TokenBucket& bucket, Instant now, double cost = 1);
  void queue(FrameHeader header);
  void queue_update(StreamState& stream);
  void maybe_grow(StreamState& stream, Instant now);
  void discard_unread(StreamState& stream);
  void retire_if_finished(StreamState& stream);
  void event(StreamEvent::Kind kind, StreamState& stream);
  bool is_ours(std::uint32_t id) const { return (id % 2 == 1) == (options_.role == Role::client); }

  SessionOptions options_;
  std::shared_ptr<Holdings> holdings_;
  std::unordered_map<std::uint32_t, StreamPtr> streams_;
  std::uint32_t next_id_;
  std::size_t inbound_ = 0, unacknowledged_ = 0, unread_bytes_ = 0;

  // Input that is not a whole header yet, and the body that is being received.
  HeaderBytes partial_;
  std::size_t partial_size_ = 0;
  std::size_t body_left_ = 0;
  StreamPtr body_stream_;  // null: the body is dropped
  FrameHeader body_header_;

  std::vector<FrameHeader> control_;
  std::vector<StreamPtr> updates_;  // streams whose window update waits
  std::size_t queued_pongs_ = 0, queued_resets_ = 0;
  std::size_t refused_ = 0;  // streams that were reset for want of a place, not paid for yet
  std::vector<StreamEvent> events_;

  TokenBucket control_tokens_{limits::control_rate, limits::control_burst};
  TokenBucket small_tokens_{limits::small_rate, limits::small_burst};
  TokenBucket churn_tokens_{limits::churn_rate, limits::churn_burst};
  Duration pause_{};
  WorkUnits work_ = 0;

  std::uint32_t ping_value_ = 0;
  std::optional<Instant> ping_sent_;
  std::optional<Duration> rtt_;
  bool gone_away_ = false;
  std::optional<std::uint32_t> remote_gone_;
};

}  // namespace goop::p2p::mux
