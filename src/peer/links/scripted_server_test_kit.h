// A rendezvous server that does as it is told, on a simulated internet, and a link to it.
#pragma once

#include <gtest/gtest.h>

#include "net/http/server.h"
#include "net/http/websocket_handshake.h"
#include "peer/links/rendezvous_link.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer::links {

inline p2p::KeyPair key_of(std::uint8_t seed) {
  crypto::Secret<32> secret;
  secret.mut()[0] = seed;
  return p2p::KeyPair::from_seed(secret);
}
inline p2p::PeerId id_of(std::uint8_t seed) {
  return p2p::PeerId::from_key(key_of(seed).public_key());
}
inline std::string presence_text(std::uint8_t seed, std::int64_t ts,
                                 wire::PresenceType type = wire::PresenceType::update) {
  wire::PresenceMessage message;
  message.presence.peer = id_of(seed);
  message.presence.type = type;
  message.presence.ts = ts;
  return wire::write_presence(message);
}

class ScriptedServer {
 public:
  ScriptedServer(sim::SimRuntime& runtime, sim::SimHost& host) : rt_(runtime), host_(host) {
    open();
  }
  ~ScriptedServer() { shut(); }

  // What it answers; 0: as a good server.
  int socket_status = 0, publish_status = 0, events_status = 0;
  bool probes = true, delta = true, mute = false;
  bool early = false;      // 425 until something was published
  bool registers = false;  // takes what is published, and shows nobody
  int capabilities_status = 200;
  bool offers_registration = false;
  std::string retry_after, clock_difference, refusal = "because";

  // What came.
  std::vector<std::string> published, frames, resumed_from;
  int sockets_asked = 0, events_asked = 0, probes_asked = 0, capabilities_asked = 0, closed = 0;
  std::vector<Instant> asked_at;

  void open() {
    server_ = std::make_unique<net::http::Server>(
        rt_, net::http::ServerOptions{}, [this](net::http::Request& r) { return handle(r); });
    server_->serve(std::move(*host_.listen({host_.address(), 80}, {})));
    scope_ = std::make_unique<TaskScope>(rt_, "scripted");
  }
  void shut() {
    if (!server_) return;
    hang_up();
    rt_.wait(server_->stop(Deadline::after(rt_.now(), 1s)));
    server_.reset();
    rt_.wait(scope_->close());
    scope_.reset();
    sockets.clear();
    streams.clear();
  }
  void hang_up() {
    for (const auto& socket : sockets) socket->abort();
    for (const auto& stream : streams) stream->abort();
    rt_.run_for(20ms);
    sockets.clear();
    streams.clear();
  }

  // Another socket took the place of those that are open.
  void replace() {
    for (const auto& socket : std::exchange(sockets, {})) {
      net::http::ws::Close why{1000, "replaced"};
      rt_.wait(socket->close(std::move(why), Deadline::after(rt_.now(), 1s)));
    }
    rt_.run_for(10ms);
  }

  // To everybody who listens.
  // Shows the peer no longer, until it says something new.
  void kick() {
    known_ = false;
    ended_ = true;
    hang_up();
  }
  void say(std::string_view presence, std::string_view id = {}) {
    const auto frame = !delta       ? std::string(presence)
                       : id.empty() ? fmt::format(R"({{"presence":{}}})", presence)
                                    : fmt::format(R"({{"id":"{}","presence":{}}})", id, presence);
    send_frame(frame);
    std::string event;
    net::http::append_event(event, delta ? id : std::string_view(), {}, presence);
    send_text(event);
  }
  void mark(std::string_view name, std::string_view id = {}) {
    send_frame(id.empty() ? fmt::format(R"({{"event":"{}"}})", name)
                          : fmt::format(R"({{"event":"{}","id":"{}"}})", name, id));
    std::string event;
    net::http::append_event(event, id, name, "{}");
    send_text(event);
  }
  void send_frame(std::string_view text, net::http::ws::Kind kind = net::http::ws::Kind::text) {
    for (const auto& socket : sockets) {
      if (!socket->over()) rt_.wait(socket->send(kind, as_bytes(text)));
    }
    rt_.run_for(10ms);
  }
  void send_text(std::string_view text) {
    const auto part = as_bytes(text);
    for (const auto& stream : streams) rt_.wait(stream->write(std::span(&part, 1)));
    rt_.run_for(10ms);
  }

  std::vector<std::shared_ptr<net::http::WebSocket>> sockets;
  std::vector<std::unique_ptr<net::ByteStream>> streams;

 private:
  using Response = net::http::Response;

  Response refuse(int status) const {
    Response response(status);
    response.text("text/plain", refusal);
    if (!retry_after.empty()) response.add("Retry-After", retry_after);
    if (!clock_difference.empty()) response.add("X-Goop-Clock-Difference-Ms", clock_difference);
    return response;
  }

  Task<Response> handle(net::http::Request& request) {
    asked_at.push_back(rt_.now());
    const auto path = request.target.path;
    if (mute) co_await rt_.sleep_for(1h);
    if (path == "/publish") {
      const auto body = co_await request.read_body(100'000, Deadline::after(rt_.now(), 5s));
      published.push_back(body ? to_text(*body) : "");
      if (publish_status != 0) co_return refuse(publish_status);
      const bool repeats = std::ranges::count(published, published.back()) > 1;
      if (!ended_ || !repeats) known_ = !registers;
      Response response(204);
      if (registers) response.add("X-Goop-Registration", "required");
      co_return response;
    }
    if (path == "/api/capabilities") {
      ++capabilities_asked;
      Response response(capabilities_status);
      response.text("application/json",
                    fmt::format(R"({{"relay":true,"registration":{}}})", offers_registration));
      co_return response;
    }
    if (path == "/events") co_return events(request);
    if (path == "/ws") co_return socket(request);
    co_return refuse(404);
  }

  Response events(const net::http::Request& request) {
    ++events_asked;
    resumed_from.emplace_back(request.field("Last-Event-ID").value_or(""));
    if (events_status != 0) return refuse(events_status);
    Response response(200);
    response.add_lines("Content-Type: text/event-stream\r\nConnection: close\r\n");
    response.body = Response::Takeover{
        [this](net::http::Handover handover) { streams.push_back(std::move(handover.stream)); }};
    return response;
  }

  Response socket(const net::http::Request& request) {
    const bool probe = net::http::query_value(request.target.query, "probe") == "1";
    ++(probe ? probes_asked : sockets_asked);
    if (probe && !probes) return refuse(404);
    if (!probe) {
      resumed_from.push_back(
          net::http::query_value(request.target.query, "last_event_id").value_or(""));
    }
    if (!probe && early && !known_) return refuse(425);
    if (!probe && socket_status != 0) return refuse(socket_status);
    const std::string_view ours[] = {"goop.presence.delta"};
    const auto chosen = delta ? net::http::choose_subprotocol(request, ours) : std::string_view();
    return net::http::accept_websocket(request, chosen, [this, probe](net::http::Handover taken) {
      auto socket = std::make_shared<net::http::WebSocket>(rt_, std::move(taken),
                                                           net::http::ws::Role::server);
      if (!probe) sockets.push_back(socket);
      scope_->spawn(probe ? end(socket) : listen(socket), [](const std::optional<Error>&) {});
    });
  }
  static Task<> end(std::shared_ptr<net::http::WebSocket> socket) {
    net::http::ws::Close why{1000, "probe-ok"};
    co_await socket->close(std::move(why), Deadline::never());
  }
  Task<> listen(std::shared_ptr<net::http::WebSocket> socket) {
    for (;;) {
      const auto message = co_await socket->read(Deadline::never());
      if (!message) break;
      frames.emplace_back(message->text());
    }
    ++closed;
  }

  sim::SimRuntime& rt_;
  sim::SimHost& host_;
  bool known_ = false, ended_ = false;
  std::unique_ptr<net::http::Server> server_;
  std::unique_ptr<TaskScope> scope_;
};

struct LinkTest : ::testing::Test {
  explicit LinkTest(std::string_view url = "http://town.example") {
    internet.set_name("town.example", {there.address()});
    RendezvousLink::Out out;
    out.heard = [this](const Server& from, const wire::PresenceMessage& message) -> Result<void> {
      if (busy) return fail(Errc::busy, "not now");
      servers.push_back(from);
      heard.push_back(message);
      return {};
    };
    out.still_here = [this](const std::vector<p2p::PeerId>& peers) { still_here = peers; };
    out.gone = [this](const std::vector<p2p::PeerId>& peers) { gone = peers; };
    out.wanted = [this] {
      ++wanted;
      if (when_wanted) when_wanted();
    };
    out.status_changed = [this](const LinkStatus& now) { statuses.push_back(now); };
    out.twin = [this](std::int64_t ts, const std::string& address) {
      twins.emplace_back(ts, address);
      return twin_problem;
    };
    link = std::make_unique<RendezvousLink>(rt, dialer, *net::http::HttpUrl::parse(url), id_of(1),
                                            std::move(out));
  }
  ~LinkTest() override { rt.wait(link->stop(Deadline::after(rt.now(), 1s))); }

  void say(std::string_view text = "hello", wire::PresenceType type = wire::PresenceType::update) {
    link->publish(type, std::string(text));
  }
  void pass(Duration span) { rt.run_for(span); }
  Phase phase() const { return link->status().phase; }

  sim::SimRuntime rt{11};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("198.51.100.7");
  net::tls::Context tls{rt};
  net::http::Dialer dialer{rt, here, tls};
  ScriptedServer server{rt, there};
  std::vector<wire::PresenceMessage> heard;
  std::vector<Server> servers;
  std::vector<p2p::PeerId> still_here, gone;
  std::vector<LinkStatus> statuses;
  std::vector<std::pair<std::int64_t, std::string>> twins;  // told of; what to say of it
  std::optional<std::string> twin_problem;
  int wanted = 0;
  std::function<void()> when_wanted;
  bool busy = false;
  std::unique_ptr<RendezvousLink> link;
};

}  // namespace goop::peer::links
