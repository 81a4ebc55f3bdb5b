// A WebSocket over any ByteStream, on either side.
//
//   auto socket = std::make_shared<WebSocket>(runtime, std::move(handover), Role::server);
//   scope.spawn(keep_alive(socket));                        // pings until it is over
//   for (;;) {
//     auto message = co_await socket->read(Deadline::never());
//     if (!message) break;                                  // closed, in good manners
//     co_await socket->send(Kind::text, as_bytes("hello"));
//   }
//
// One task reads; any number may send: their frames go out whole, in the order of asking. Reading
// answers pings and the closing handshake, so somebody must read. What many clients get is encoded
// once (ws::encode) and sent with send_encoded.
//
// Whatever fails on the stream ends the connection; no task waits in it for ever: the other side
// must say something every `silence` (a pong will do) and take a frame within `write_time`.
//
// Memory: an idle connection holds limits::ws_read_bytes and this object.
// Owns: the stream.   Borrows: Runtime.   Thread: loop only. It must outlive its tasks: they share
// it, or their scope is joined before.
// Errors: Failure: closed (without a closing handshake, or after close), timeout, violation,
// invalid, too_large, busy (too many control frames); in the last four the other side was told why.
#pragma once

#include "base/rate_limit.h"
#include "base/signal.h"
#include "net/http/limits.h"
#include "net/http/message.h"
#include "net/http/websocket_frames.h"
#include "net/watchdog.h"

namespace goop::net::http {

struct WebSocketOptions {
  std::size_t max_message = limits::ws_message_bytes;
  Duration ping_every = limits::ws_ping_every;
  Duration silence = limits::ws_silence;
  Duration write_time = limits::ws_write_time;
};

class WebSocket {
 public:
  WebSocket(Runtime& runtime, Handover handover, ws::Role role, WebSocketOptions options = {});
  ~WebSocket();

  // The next text or binary message; nullopt when the other side closed. A passed deadline ends
  // the connection.
  Task<std::optional<ws::Message>> read(Deadline by);

  Task<> send(ws::Kind kind, BytesView payload);
  Task<> send_encoded(std::span<const BytesView> frames);  // whole frames; servers only
  Task<> ping();
  Task<> keep_alive();  // pings every `ping_every` until it is over

  // The closing handshake; whatever comes of it, the connection is over at `by`. May be called
  // while a task reads (read then gives nullopt) or when none does (what comes in is dropped).
  Task<> close(ws::Close why, Deadline by);
  void abort() noexcept;  // at once

  bool over() const { return over_; }
  const std::optional<ws::Close>& their_close() const { return their_close_; }
  Endpoint remote() const { return stream_->remote(); }

 private:
  class WriteTurn;

  Task<bool> read_more(Deadline by);
  Task<bool> take(ws::Message control);  // true: the connection is over
  [[noreturn]] void give_up(const Error& error);
  Task<> refuse(Error error);
  void end_cleanly();
  Task<> write(std::span<const BytesView> parts);
  Task<> send_frame(ws::Kind kind, BytesView payload);
  Task<> send_close(ws::Close why);
  ws::Mask new_mask();

  Runtime& runtime_;
  std::unique_ptr<ByteStream> stream_;
  ws::Role role_;
  WebSocketOptions options_;
  ws::Decoder decoder_;
  Bytes buffer_;
  std::size_t at_ = 0, end_ = 0;  // what of the buffer is unread
  TokenBucket controls_;
  std::optional<ws::Close> their_close_;
  bool reading_ = false;
  bool writing_ = false;
  bool close_sent_ = false;
  bool over_ = false;
  bool late_ = false;  // a watchdog has ended it
  Signal turn_;        // of writers
  Signal ended_;
  Watchdog reader_, writer_;
};

}  // namespace goop::net::http
