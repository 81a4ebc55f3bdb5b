#include "net/http/websocket.h"

#include <algorithm>

#include "base/task_scope.h"

namespace goop::net::http {

using ws::Kind;
using ws::Role;

// The right to write, one task at a time: a frame is never cut by another.
class WebSocket::WriteTurn {
 public:
  explicit WriteTurn(WebSocket& socket) : socket_(socket) { socket_.writing_ = true; }
  WriteTurn(const WriteTurn&) = delete;
  WriteTurn& operator=(const WriteTurn&) = delete;
  ~WriteTurn() {
    socket_.writer_.rest();
    socket_.writing_ = false;
    socket_.turn_.notify_all();
    if (!done) socket_.abort();  // half a frame may be out
  }

  bool done = false;

 private:
  WebSocket& socket_;
};

WebSocket::WebSocket(Runtime& runtime, Handover handover, Role role, WebSocketOptions options)
    : runtime_(runtime),
      stream_(std::move(handover.stream)),
      role_(role),
      options_(options),
      decoder_(role, options.max_message),
      buffer_(std::move(handover.unread)),
      end_(buffer_.size()),
      controls_(limits::ws_control_rate, limits::ws_control_burst),
      turn_(runtime),
      ended_(runtime),
      reader_(runtime,
              [this] {
                late_ = true;
                abort();
              }),
      writer_(runtime, [this] {
        late_ = true;
        abort();
      }) {}

WebSocket::~WebSocket() = default;

void WebSocket::abort() noexcept {
  over_ = true;
  stream_->abort();
  ended_.notify_all();
}

void WebSocket::end_cleanly() {
  over_ = true;
  ended_.notify_all();
}

// --- reading ---

Task<std::optional<ws::Message>> WebSocket::read(Deadline by) {
  struct Reading {
    explicit Reading(WebSocket& owner) : socket(owner) { socket.reading_ = true; }
    ~Reading() {
      socket.reading_ = false;
      socket.reader_.rest();
    }
    WebSocket& socket;
  };
  GOOP_ASSERT(!reading_);
  const Reading reading(*this);
  for (;;) {
    if (over_) raise(Errc::closed, "WebSocket is over");
    while (at_ < end_) {
      auto fed = decoder_.feed(BytesView(buffer_).subspan(at_, end_ - at_));
      if (!fed) {
        co_await refuse(fed.error());
        throw Failure(fed.error());
      }
      at_ += fed->taken;
      if (!fed->message) continue;
      if (!ws::is_control(fed->message->kind)) co_return std::move(fed->message);
      const bool ended = co_await take(std::move(*fed->message));
      if (ended) co_return std::nullopt;
    }
    const bool more = co_await read_more(by);
    if (!more) give_up(Error{Errc::closed, "WebSocket ended without a closing handshake"});
  }
}

Task<bool> WebSocket::read_more(Deadline by) {
  const auto size =
      std::clamp(decoder_.lacking(), limits::ws_read_bytes, limits::ws_read_bytes_most);
  if (buffer_.size() != size) Bytes(size).swap(buffer_);
  at_ = end_ = 0;
  reader_.due(by.sooner(Deadline::after(runtime_.now(), options_.silence)));
  std::exception_ptr thrown;
  try {
    end_ = co_await stream_->read_some(buffer_);
  } catch (...) {
    thrown = std::current_exception();
  }
  reader_.rest();
  if (thrown) {
    auto error = error_of(thrown);
    if (late_) error = Error{Errc::timeout, "WebSocket was silent too long"};
    give_up(error);
  }
  co_return end_ > 0;
}

void WebSocket::give_up(const Error& error) {
  abort();
  throw Failure(error);
}

Task<bool> WebSocket::take(ws::Message control) {
  if (!controls_.take(runtime_.now())) {
    Error error{Errc::busy, "too many control frames"};
    co_await refuse(error);
    throw Failure(error);
  }
  if (control.kind == Kind::ping) {
    if (!close_sent_) co_await send(Kind::pong, control.payload);
    co_return false;
  }
  if (control.kind == Kind::pong) co_return false;

  auto close = ws::parse_close(control.payload);
  if (!close) {
    co_await refuse(close.error());
    throw Failure(close.error());
  }
  their_close_ = std::move(*close);
  if (!close_sent_) {
    auto answer = *their_close_;
    answer.reason.clear();
    auto sending = send_close(std::move(answer));
    co_await attempt(std::move(sending));  // they may be gone already
  }
  stream_->shutdown_write();
  end_cleanly();
  co_return true;
}

// Tells the other side why it ends. Closing with unread input would reset the connection, and the
// reason might never arrive: what still comes is read and dropped for a moment.
Task<> WebSocket::refuse(Error error) {
  if (!close_sent_) {
    ws::Close why{ws::close_code_of(error.code), error.detail};
    auto sending = send_close(std::move(why));
    co_await attempt(std::move(sending));
  }
  stream_->shutdown_write();
  reader_.due_after(limits::linger_time);
  std::size_t dropped = 0;
  while (!over_ && dropped < limits::lingered_bytes) {
    auto reading = stream_->read_some(buffer_);
    const auto got = co_await attempt(std::move(reading));
    if (!got) break;
    if (*got == 0) {  // they have ended too: nothing is left to be cut off
      end_cleanly();
      co_return;
    }
    dropped += *got;
  }
  abort();
}

// --- writing ---

Task<> WebSocket::write(std::span<const BytesView> parts) {
  while (writing_) co_await turn_.wait_until(Deadline::never());
  if (over_) raise(Errc::closed, "WebSocket is over");
  WriteTurn turn(*this);
  writer_.due_after(options_.write_time);
  std::exception_ptr thrown;
  try {
    co_await stream_->write(parts);
    turn.done = true;
  } catch (...) {
    thrown = std::current_exception();
  }
  if (!thrown) co_return;
  if (late_) raise(Errc::timeout, "WebSocket took no frame in time");
  std::rethrow_exception(thrown);
}

Task<> WebSocket::send(Kind kind, BytesView payload) {
  if (close_sent_) raise(Errc::closed, "WebSocket is closing");
  co_await send_frame(kind, payload);
}

Task<> WebSocket::send_frame(Kind kind, BytesView payload) {
  Bytes frame;
  if (role_ == Role::client) {
    frame = ws::encode_masked(kind, payload, new_mask());
    const BytesView part(frame);
    co_await write(std::span(&part, 1));
    co_return;
  }
  ws::append_head(frame, kind, payload.size(), std::nullopt);
  const std::array<BytesView, 2> parts{frame, payload};
  co_await write(parts);
}

Task<> WebSocket::send_encoded(std::span<const BytesView> frames) {
  GOOP_ASSERT(role_ == Role::server);
  if (close_sent_) raise(Errc::closed, "WebSocket is closing");
  co_await write(frames);
}

Task<> WebSocket::ping() { co_await send(Kind::ping, {}); }

Task<> WebSocket::keep_alive() {
  while (!over_ && !close_sent_) {
    co_await ended_.wait_until(Deadline::after(runtime_.now(), options_.ping_every));
    if (over_ || close_sent_) co_return;
    auto pinging = ping();
    co_await attempt(std::move(pinging));  // the reader learns of a failure too
  }
}

Task<> WebSocket::send_close(ws::Close why) {
  const auto payload = ws::close_payload(why);
  close_sent_ = true;
  co_await send_frame(Kind::close, payload);
}

Task<> WebSocket::close(ws::Close why, Deadline by) {
  if (over_) co_return;
  Timer end(runtime_.timers(), [this] { abort(); });
  end.arm(by);
  if (!close_sent_) {
    auto sending = send_close(std::move(why));
    co_await attempt(std::move(sending));
  }
  if (reading_) {
    while (!over_) co_await ended_.wait_until(Deadline::never());
  } else {
    while (!over_) {
      auto reading = read(by);
      const auto message = co_await attempt(std::move(reading));
      if (!message || !*message) break;
    }
  }
  if (!their_close_) abort();
}

ws::Mask WebSocket::new_mask() {
  ws::Mask mask;
  runtime_.random(mask);
  return mask;
}

}  // namespace goop::net::http
