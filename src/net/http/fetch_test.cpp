// The client by URL against our own server, over a simulated network, with and without TLS.
#include "net/http/fetch.h"

#include <gtest/gtest.h>

#include "net/http/server.h"
#include "net/http/websocket_handshake.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"
#include "testing/tls/tls_server.h"

namespace goop::net::http {
namespace {

class Numbers final : public EventFeed {
 public:
  Numbers(Runtime& runtime, std::size_t most, bool ends)
      : runtime_(runtime), most_(most), ends_(ends) {}
  void append_news(std::string& to) override {
    if (given_ < most_) {
      append_event(to, std::to_string(++given_), "number", "n");
    }
  }
  Task<> wait(Deadline by) override {
    co_await runtime_.sleep_until(given_ < most_ ? Deadline::after(runtime_.now(), 1s) : by);
  }
  bool over() const override { return ends_ && given_ == most_; }

 private:
  Runtime& runtime_;
  std::size_t most_, given_ = 0;
  bool ends_;
};

struct Fetch : ::testing::Test {
  Fetch() {
    server.serve(std::move(*here.listen({here.address(), 80}, {})));
    secure = std::move(*here.listen({here.address(), 443}, {}));
    ca.write_pem(folder / "root.pem");
    internet.set_name("goop.example", {here.address()});
    serving.spawn(accept_tls(), [](const std::optional<Error>&) {});
  }
  ~Fetch() override {
    rt.wait(server.stop(Deadline::after(rt.now(), 1s)));
    rt.wait(scope.close());
  }

  Task<> accept_tls() {
    for (;;) {
      auto tcp = co_await secure->accept();
      auto starting = testing::serve_tls(identity, std::move(tcp), {});
      auto stream = co_await attempt(std::move(starting));
      if (stream) server.serve(std::move(*stream));
    }
  }

  Task<Response> handle(Request& request) {
    const auto path = request.target.path;
    Response response;
    if (path == "/publish") {
      const auto body = co_await request.read_body(1000, Deadline::after(rt.now(), 5s));
      response = Response(204);
      published = body ? to_text(*body) : "";
      host = request.host();
    } else if (path == "/events") {
      last_id = request.field("Last-Event-ID").value_or("none");
      response = event_stream(rt, std::make_unique<Numbers>(rt, 3, request.target.query == "end"));
    } else if (path == "/large") {
      response.text("text/plain", std::string(10'000, 'x'));
    } else if (path == "/mute") {
      response.add_lines("Content-Type: text/event-stream\r\nConnection: close\r\n");
      response.body =
          Response::Takeover{[this](Handover handover) { held.push_back(std::move(handover)); }};
    } else if (path == "/ws" && request.target.query.empty()) {
      const std::string_view ours[] = {"goop.presence.delta"};
      const auto chosen = choose_subprotocol(request, ours);
      co_return accept_websocket(request, chosen, [this](Handover handover) {
        scope.spawn(echo(std::make_shared<WebSocket>(rt, std::move(handover), ws::Role::server)),
                    [](const std::optional<Error>&) {});
      });
    } else {
      response = Response(path == "/ws" ? 425 : 404);
      response.text("text/plain", std::string(path == "/huge" ? 10'000 : 5, 'x'));
    }
    co_return response;
  }
  Task<> echo(std::shared_ptr<WebSocket> socket) {
    for (;;) {
      const auto message = co_await socket->read(Deadline::never());
      if (!message) co_return;
      co_await socket->send(message->kind, message->payload);
    }
  }

  HttpUrl url(std::string_view text) { return HttpUrl::parse(text).value(); }
  Deadline soon() { return Deadline::after(rt.now(), 5s); }
  Answer get(std::string_view text, std::size_t max_body = 1000) {
    return rt.wait(fetch(dialer, url(text), {}, max_body, soon()));
  }
  Errc failure(std::string_view text, std::size_t max_body = 1000) {
    try {
      get(text, max_body);
    } catch (const Failure& failure) {
      return failure.code();
    }
    return Errc::internal;
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  testing::TestAuthority ca;
  testing::Identity identity =
      ca.issue({.names = {"DNS:goop.example"}, .from = rt.wall() - 24h, .until = rt.wall() + 24h});
  testing::TempFolder folder;
  tls::Context trust{rt, {.ca_file = folder / "root.pem"}};
  Dialer dialer{rt, there, trust};
  std::string published, host, last_id;
  std::vector<Handover> held;
  TaskScope scope{rt, "sockets"};
  Server server{rt, {}, [this](Request& request) { return handle(request); }};
  std::unique_ptr<Listener> secure;
  sim::SimScope serving{rt};
};

TEST_F(Fetch, asks_by_name_with_and_without_tls) {
  for (const auto* base : {"http://goop.example", "https://goop.example", "http://192.0.2.1"}) {
    ClientRequest request;
    request.method = "POST";
    request.body = base;
    const auto answer = rt.wait(fetch(dialer, url(base).below("/publish"), request, 100, soon()));
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(published, base);
    EXPECT_EQ(host, url(base).authority());
  }
  EXPECT_EQ(get("http://goop.example/none").status, 404);
}

TEST_F(Fetch, says_what_failed) {
  EXPECT_EQ(failure("http://nowhere.example/"), Errc::unreachable);
  EXPECT_EQ(failure("http://goop.example:81/"), Errc::unreachable);
  EXPECT_EQ(failure("https://192.0.2.1/"), Errc::unverified);
  EXPECT_EQ(failure("http://goop.example/large"), Errc::too_large);
  EXPECT_EQ(get("http://goop.example/large", 10'000).body.size(), 10'000u);
}

TEST_F(Fetch, finds_a_name_that_appears_later) {
  EXPECT_EQ(failure("http://later.example/"), Errc::unreachable);
  internet.set_name("later.example", {here.address()});
  EXPECT_EQ(get("http://later.example/none").status, 404);
}

TEST_F(Fetch, tries_each_address_of_a_name_within_the_time) {
  auto& dead = internet.add_host("192.0.2.3");
  internet.partition(dead, there);
  internet.set_name("many.example", {dead.address(), here.address()});
  EXPECT_EQ(get("http://many.example/none").status, 404);
  const std::vector<IpAddress> all(limits::dialled_addresses, dead.address());
  auto too_many = all;
  too_many.push_back(here.address());
  internet.set_name("many.example", too_many);
  const auto since = rt.now();
  EXPECT_NE(failure("http://many.example/none"), Errc::internal);
  EXPECT_LE(rt.now() - since, 5s);
}

TEST_F(Fetch, reads_an_event_stream_until_its_end) {
  const auto opened =
      rt.wait(open_events(dialer, url("https://goop.example/events?end"), "17", soon()));
  ASSERT_TRUE(opened.events);
  EXPECT_EQ(last_id, "17");
  for (int i = 1; i <= 3; ++i) {
    const auto event = rt.wait(opened.events->next());
    EXPECT_EQ(event, (ServerEvent{std::to_string(i), "number", "n"}));
  }
  EXPECT_FALSE(rt.wait(opened.events->next()));
}

TEST_F(Fetch, lives_on_the_heartbeats_of_an_event_stream_and_ends_without) {
  const auto opened = rt.wait(open_events(dialer, url("http://goop.example/events"), "", soon()));
  for (int i = 1; i <= 3; ++i) rt.wait(opened.events->next());
  TaskScope reading(rt, "reading");
  std::optional<Error> end;
  const auto next = [](EventReader& events) -> Task<> { co_await events.next(); };
  reading.spawn(next(*opened.events), [&end](const std::optional<Error>& error) { end = error; });
  rt.run_for(10min);
  EXPECT_FALSE(end);
  internet.partition(here, there);
  rt.run_for(limits::sse_silence + 1s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::timeout);

  internet.heal(here, there);
  const auto mute = rt.wait(open_events(dialer, url("http://goop.example/mute"), "", soon()));
  const auto since = rt.now();
  EXPECT_THROW(rt.wait(mute.events->next()), Failure);
  EXPECT_EQ(rt.now() - since, limits::sse_silence);
}

TEST_F(Fetch, takes_no_other_answer_for_an_event_stream) {
  const auto refused = rt.wait(open_events(dialer, url("http://goop.example/none"), "", soon()));
  EXPECT_FALSE(refused.events);
  EXPECT_EQ(refused.answer.status, 404);
  EXPECT_EQ(refused.answer.text(), "xxxxx");
  const auto page = rt.wait(open_events(dialer, url("http://goop.example/large"), "", soon()));
  EXPECT_FALSE(page.events);
  EXPECT_EQ(page.answer.status, 200);
  const auto huge = rt.wait(open_events(dialer, url("http://goop.example/huge"), "", soon()));
  EXPECT_EQ(huge.answer.status, 404);
  EXPECT_LE(huge.answer.body.size(), limits::refusal_bytes);
}

TEST_F(Fetch, opens_a_websocket_with_its_subprotocol) {
  WebSocketWish wish;
  wish.subprotocols = {"goop.presence.delta"};
  for (const auto* base : {"http://goop.example", "https://goop.example"}) {
    const auto opened = rt.wait(open_websocket(dialer, url(base).below("/ws"), wish, soon()));
    ASSERT_TRUE(opened.socket);
    EXPECT_EQ(opened.subprotocol, "goop.presence.delta");
    rt.wait(opened.socket->send(ws::Kind::text, as_bytes("hello")));
    EXPECT_EQ(rt.wait(opened.socket->read(soon()))->text(), "hello");
    rt.wait(opened.socket->close({}, soon()));
  }
}

TEST_F(Fetch, tells_the_status_of_a_websocket_that_is_refused) {
  const auto early =
      rt.wait(open_websocket(dialer, url("http://goop.example/ws?unknown"), {}, soon()));
  EXPECT_FALSE(early.socket);
  EXPECT_EQ(early.answer.status, 425);
}

}  // namespace
}  // namespace goop::net::http
