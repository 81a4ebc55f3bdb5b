// Requests by URL: name, connection, TLS, request, answer.
//
//   http::Dialer dialer(runtime, network, tls);
//   auto answer = co_await http::fetch(dialer, url.below("/publish"), request, 4096, by);
//   auto stream = co_await http::open_events(dialer, url.below("/events"), {}, by);
//   auto socket = co_await http::open_websocket(dialer, url.below("/ws"), wish, by);
//
// A name is resolved at every attempt, so that a network that comes and goes, or a server that
// moves, needs no restart. Its addresses are tried in turn, each with its share of the time.
// A status is an answer whatever it is, redirections included: none is followed.
//
// Thread: loop only. Errors: Failure: unreachable (no name, no connection), unverified (the
// certificate; the text says what to do), timeout, closed, violation, too_large.
#pragma once

#include "net/http/client.h"
#include "net/http/sse.h"
#include "net/http/url.h"
#include "net/http/websocket.h"
#include "net/tls/context.h"

namespace goop::net::http {

class Dialer {
 public:
  Dialer(Runtime& runtime, Network& network, tls::Context& tls)
      : runtime_(runtime), network_(network), tls_(tls) {}

  Task<std::unique_ptr<Client>> connect(HttpUrl url, Deadline by);
  Runtime& runtime() { return runtime_; }

 private:
  Task<std::unique_ptr<ByteStream>> reach(HttpUrl url, Deadline by);

  Runtime& runtime_;
  Network& network_;
  tls::Context& tls_;
};

struct Answer {
  int status = 0;
  Fields fields;
  Bytes body;  // of a refused stream: its beginning, for the log

  std::string_view text() const { return as_text(body); }
};

// One request over a connection of its own. The target and Host of `request` come from `url`.
Task<Answer> fetch(Dialer& dialer, HttpUrl url, ClientRequest request, std::size_t max_body,
                   Deadline by);

// The events of a stream that was opened. It is over when nothing, not even a comment, has come
// for limits::sse_silence.
class EventReader {
 public:
  EventReader(Runtime& runtime, std::unique_ptr<Client> client)
      : runtime_(runtime), client_(std::move(client)) {}

  Task<std::optional<ServerEvent>> next();  // nullopt: the server ended the stream

 private:
  Runtime& runtime_;
  std::unique_ptr<Client> client_;
  EventParser parser_;
  std::vector<ServerEvent> ready_;  // from `at_` on
  std::size_t at_ = 0;
};

struct EventsAnswer {
  Answer answer;
  std::unique_ptr<EventReader> events;  // null: the answer was something else
};
// `last_id`: where to go on; empty: from the beginning.
Task<EventsAnswer> open_events(Dialer& dialer, HttpUrl url, std::string last_id, Deadline by);

struct WebSocketWish {
  std::vector<std::string_view> subprotocols;  // constants
  std::vector<std::pair<std::string, std::string>> fields;
  WebSocketOptions options;
};
struct WebSocketAnswer {
  Answer answer;
  std::string subprotocol;
  std::unique_ptr<WebSocket> socket;  // null: the answer was no 101
};
Task<WebSocketAnswer> open_websocket(Dialer& dialer, HttpUrl url, WebSocketWish wish, Deadline by);

}  // namespace goop::net::http
