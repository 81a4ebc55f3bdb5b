#include "p2p/mux/yamux_session.h"

#include <algorithm>

#include "p2p/work_prices.h"

namespace goop::p2p::mux {
namespace {

constexpr std::uint32_t code_resource_limit = 0x1002;  // go-libp2p's stream codes; advice only
constexpr std::uint32_t code_rate_limited = 0x1003;
constexpr std::uint32_t code_violation = 0x1004;

}  // namespace

Session::Session(SessionOptions options)
    : options_(std::move(options)),
      holdings_(std::make_shared<Holdings>(options_.charge)),
      next_id_(options_.role == Role::client ? 1 : 2) {
  if (!options_.make_stream) {
    options_.make_stream = [](std::uint32_t id) { return std::make_shared<StreamState>(id); };
  }
}

// Streams that are still read keep their share of what is held, nobody a promise.
Session::~Session() {
  holdings_->take_back(holdings_->promised());
  holdings_->settle();
}

StreamPtr Session::make_stream(std::uint32_t id) {
  auto stream = options_.make_stream(id);
  stream->holdings = holdings_;
  return stream;
}

// --- input ---

Result<void> Session::on_piece(Segment piece, Instant now) {
  while (!piece.empty()) {
    if (body_left_ > 0) {
      const auto count = std::min(body_left_, piece.size());
      if (body_stream_) {
        GOOP_CHECK(take_body(*body_stream_, piece.first(count)));
      } else {
        work_ += count * price::byte;
      }
      piece.remove_prefix(count);
      body_left_ -= count;
      if (body_left_ == 0 && body_stream_) {
        auto stream = std::exchange(body_stream_, nullptr);
        take_flags(*stream, body_header_, now);
      }
      continue;
    }
    const auto count = std::min(header_bytes - partial_size_, piece.size());
    std::ranges::copy(piece.view().first(count),
                      partial_.begin() + static_cast<std::ptrdiff_t>(partial_size_));
    partial_size_ += count;
    piece.remove_prefix(count);
    if (partial_size_ < header_bytes) break;
    partial_size_ = 0;
    GOOP_TRY(const auto header, decode_header(partial_));
    GOOP_CHECK(on_frame(header, now));
  }
  return {};
}

Duration Session::pause(Instant now) {
  if (refused_ > 0) charge(churn_tokens_, now, static_cast<double>(std::exchange(refused_, 0)));
  return std::exchange(pause_, Duration::zero());
}

// What came in has been dealt with already: reading pauses until it is paid for.
void Session::charge(TokenBucket& bucket, Instant now, double cost) {
  pause_ = std::max(pause_, bucket.spend(now, cost));
}

Result<void> Session::on_frame(const FrameHeader& header, Instant now) {
  work_ += price::mux_frame;
  switch (header.type) {
    case FrameType::data:
      return on_data_header(header, now);
    case FrameType::window_update:
      return on_window_update(header, now);
    case FrameType::ping:
      return on_ping(header, now);
    case FrameType::go_away:
      remote_gone_ = header.length;
      return {};
  }
  return {};
}

Result<void> Session::on_data_header(const FrameHeader& header, Instant now) {
  if (header.length < limits::small_body) charge(small_tokens_, now);
  GOOP_TRY(StreamState * stream, stream_for(header, now));
  body_left_ = header.length;
  body_stream_ = nullptr;
  if (!stream) {
    charge(control_tokens_, now);
    return {};
  }
  if (header.length > stream->receive_window) {
    return fail(Errc::violation, "yamux stream {}: body of {} bytes exceeds the window of {}",
                header.stream, header.length, stream->receive_window);
  }
  if (stream->got_fin && header.length > 0) {
    event(StreamEvent::Kind::reset, *stream);
    reset(*stream, code_violation);
    return {};
  }
  stream->receive_window -= header.length;
  if (header.length == 0) {
    take_flags(*stream, header, now);
    return {};
  }
  body_stream_ = streams_.at(header.stream);
  body_header_ = header;
  return {};
}

Result<void> Session::on_window_update(const FrameHeader& header, Instant now) {
  GOOP_TRY(StreamState * stream, stream_for(header, now));
  const bool useless = !stream || (header.length == 0 && header.flags == 0);
  if (useless) charge(control_tokens_, now);
  if (!useless && header.length < limits::small_body) charge(small_tokens_, now);
  if (!stream) return {};
  if (stream->send_window + header.length > limits::send_window_most) {
    return fail(Errc::violation, "yamux stream {}: credit beyond 2^32 - 1", header.stream);
  }
  const bool was_blocked = stream->send_window == 0;
  stream->send_window += header.length;
  if (was_blocked && header.length > 0) event(StreamEvent::Kind::writable, *stream);
  take_flags(*stream, header, now);
  return {};
}

Result<void> Session::on_ping(const FrameHeader& header, Instant now) {
  if (header.stream != 0) return fail(Errc::violation, "yamux ping on stream {}", header.stream);
  charge(control_tokens_, now);
  work_ += price::mux_ping;
  if (header.has(flag_syn)) {
    if (queued_pongs_ < limits::queued_pongs) {
      ++queued_pongs_;
      queue({FrameType::ping, flag_ack, 0, header.length});
    }
  } else if (header.has(flag_ack) && ping_sent_ && header.length == ping_value_) {
    rtt_ = now - *ping_sent_;
    ping_sent_.reset();
  }
  return {};
}

// The stream a frame is for: an existing one, or a new one when SYN is set; null for one that is
// gone (frames may cross with our reset), whose frame is then dropped.
Result<StreamState*> Session::stream_for(const FrameHeader& header, Instant now) {
  if (header.stream == 0) return fail(Errc::violation, "yamux stream id 0");
  if (header.has(flag_syn)) return accept(header, now);
  auto found = streams_.find(header.stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

Result<StreamState*> Session::accept(const FrameHeader& header, Instant now) {
  if (is_ours(header.stream)) {
    return fail(Errc::violation, "yamux stream id {} has our parity", header.stream);
  }
  if (streams_.contains(header.stream)) {
    return fail(Errc::violation, "yamux stream id {} is in use", header.stream);
  }
  if (gone_away_ || inbound_ >= options_.inbound_streams) {
    charge(churn_tokens_, now);
    work_ += price::refused_stream;
    ++queued_resets_;
    queue({FrameType::window_update, flag_rst, header.stream, code_resource_limit});
    return nullptr;
  }
  auto stream = make_stream(header.stream);
  stream->updated = now;
  stream->acknowledged = true;
  work_ += price::stream;
  ++inbound_;
  streams_.emplace(header.stream, stream);
  queue({FrameType::window_update, flag_ack, header.stream, 0});
  event(StreamEvent::Kind::opened, *stream);
  return stream.get();
}

// What ACK, FIN and RST mean, once the frame's body is in.
void Session::take_flags(StreamState& stream, const FrameHeader& header, Instant now) {
  if (header.has(flag_ack) && stream.ours && !stream.acknowledged) {
    stream.acknowledged = true;
    --unacknowledged_;
  }
  if (header.has(flag_rst)) {
    if (!stream.ours) charge(churn_tokens_, now);
    stream.reset_code = header.length;
    stream.reset = true;
    event(StreamEvent::Kind::reset, stream);
    retire_if_finished(stream);
  } else if (header.has(flag_fin) && !stream.got_fin) {
    stream.got_fin = true;
    event(StreamEvent::Kind::readable, stream);
    retire_if_finished(stream);
  }
}

Result<void> Session::take_body(StreamState& stream, Segment body) {
  if (stream.discarding || stream.reset) return {};
  const bool was_empty = stream.inbox.empty();
  const auto size = body.size();
  if (!stream.push(std::move(body))) {
    return fail(Errc::busy, "no memory for unread data beside {} bytes", holdings_->held());
  }
  unread_bytes_ += size;
  if (was_empty) event(StreamEvent::Kind::readable, stream);
  return {};
}

// --- our side of streams ---

Result<StreamPtr> Session::open() {
  if (gone_away_ || remote_gone_) return fail(Errc::closed, "the session is ending");
  if (unacknowledged_ >= limits::unacknowledged_opens) {
    return fail(Errc::busy, "{} streams wait for their acknowledgement", unacknowledged_);
  }
  if (next_id_ >= 0xffff'fffe) {
    go_away(GoAwayCode::normal);
    return fail(Errc::closed, "stream ids are used up");
  }
  auto stream = make_stream(std::exchange(next_id_, next_id_ + 2));
  stream->ours = true;
  ++unacknowledged_;
  streams_.emplace(stream->id, stream);
  queue({FrameType::window_update, flag_syn, stream->id, 0});
  return stream;
}

std::optional<FrameHeader> Session::begin_body(StreamState& stream, std::size_t wanted) {
  GOOP_ASSERT(!stream.sent_fin && !stream.reset);
  const auto size =
      std::min({wanted, static_cast<std::size_t>(stream.send_window), limits::body_most});
  if (size == 0) return std::nullopt;
  stream.send_window -= size;
  return FrameHeader{FrameType::data, 0, stream.id, static_cast<std::uint32_t>(size)};
}

void Session::consume(StreamState& stream, std::size_t count, Instant now) {
  if (stream.reset || stream.discarding) return;  // nothing is left, nor wanted
  GOOP_ASSERT(count <= stream.unread);
  stream.drop(count);
  unread_bytes_ -= count;
  stream.consumed += count;
  if (stream.got_fin || stream.reset || stream.consumed < stream.window / 2) return;
  maybe_grow(stream, now);
  queue_update(stream);
}

// Doubles the window of a reader that empties it within four round trips: then the window, not the
// reader, is what limits the stream.
void Session::maybe_grow(StreamState& stream, Instant now) {
  const auto since = now - std::exchange(stream.updated, now);
  if (!rtt_ || since > 4 * *rtt_ || stream.window >= options_.window_most) return;
  const auto growth = std::min(stream.window, options_.window_most - stream.window);
  if (!holdings_->promise(growth)) return;
  stream.window += growth;
  stream.consumed += growth;
}

void Session::close_write(StreamState& stream) {
  if (stream.sent_fin || stream.reset) return;
  stream.sent_fin = true;
  queue({FrameType::window_update, flag_fin, stream.id, 0});
  retire_if_finished(stream);
}

void Session::close(StreamState& stream, Instant now) {
  close_write(stream);
  if (stream.reset || stream.discarding) return;
  stream.discarding = true;
  stream.discarding_since = now;
  discard_unread(stream);
}

void Session::reset(StreamState& stream, std::uint32_t code) {
  if (stream.finished()) return;
  stream.reset = true;
  stream.reset_code = code;
  ++queued_resets_;
  if (!stream.ours && (code == code_resource_limit || code == code_rate_limited)) ++refused_;
  queue({FrameType::window_update, flag_rst, stream.id, code});
  retire_if_finished(stream);
}

void Session::discard_unread(StreamState& stream) { unread_bytes_ -= stream.drop_all(); }

void Session::drop_unread() {
  for (const auto& [id, stream] : streams_) discard_unread(*stream);
}

void Session::retire_if_finished(StreamState& stream) {
  if (!stream.finished()) return;
  if (stream.reset) discard_unread(stream);
  const auto found = streams_.find(stream.id);
  if (found == streams_.end()) return;
  holdings_->take_back(stream.window - limits::initial_window);
  if (!stream.ours) --inbound_;
  if (stream.ours && !stream.acknowledged) --unacknowledged_;
  stream.acknowledged = true;
  if (body_stream_.get() == &stream) body_stream_ = nullptr;
  streams_.erase(found);
}

// --- session ---

void Session::ping(Instant now) {
  if (ping_sent_) return;
  ping_sent_ = now;
  queue({FrameType::ping, flag_syn, 0, ++ping_value_});
}

bool Session::ping_overdue(Instant now) const {
  return ping_sent_ && now - *ping_sent_ > limits::pong_timeout;
}

Instant Session::next_look(Instant heard, Duration keep_alive) const {
  constexpr Duration past = 1ms;  // the time is over only then
  return ping_sent_ ? *ping_sent_ + limits::pong_timeout + past : saturating_add(heard, keep_alive);
}

void Session::expire(Instant now) {
  std::vector<StreamPtr> lingering;
  for (const auto& [id, stream] : streams_) {
    if (stream->discarding && now - stream->discarding_since > limits::closing_stream_life) {
      lingering.push_back(stream);
    }
  }
  for (const auto& stream : lingering) reset(*stream, 0);
  holdings_->settle();
}

void Session::go_away(GoAwayCode code) {
  if (std::exchange(gone_away_, true)) return;
  queue({FrameType::go_away, 0, 0, static_cast<std::uint32_t>(code)});
}

void Session::queue(FrameHeader header) { control_.push_back(header); }

void Session::queue_update(StreamState& stream) {
  if (std::exchange(stream.update_queued, true)) return;
  if (const auto found = streams_.find(stream.id); found != streams_.end()) {
    updates_.push_back(found->second);
  }
}

bool Session::has_control() const { return !control_.empty() || !updates_.empty(); }

bool Session::control_full() const {
  return queued_resets_ >= limits::queued_resets || control_.size() >= limits::queued_control;
}

void Session::drain_control(const std::function<void(const FrameHeader&)>& send) {
  for (const auto& header : control_) send(header);
  control_.clear();
  queued_pongs_ = queued_resets_ = 0;
  for (const auto& stream : updates_) {
    stream->update_queued = false;
    if (stream->finished() || stream->got_fin) continue;
    const auto increment = std::exchange(stream->consumed, 0);
    stream->receive_window += increment;
    send({FrameType::window_update, 0, stream->id, static_cast<std::uint32_t>(increment)});
  }
  updates_.clear();
}

void Session::for_each(const std::function<void(StreamState&)>& visit) {
  for (const auto& [id, stream] : streams_) visit(*stream);
}

void Session::event(StreamEvent::Kind kind, StreamState& stream) {
  if (const auto found = streams_.find(stream.id); found != streams_.end()) {
    events_.push_back({kind, found->second});
  }
}

}  // namespace goop::p2p::mux
