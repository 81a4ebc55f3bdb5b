// The server over a simulated network: order, limits, slow and rude clients, in virtual time.
#include "net/http/server.h"

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/limits.h"
#include "net/http/sse.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::http {
namespace {

// Gives `parts` one by one; "!" fails.
class Parts final : public BodySource {
 public:
  explicit Parts(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  Task<BytesView> next(Deadline) override {
    if (at_ == parts_.size()) co_return BytesView{};
    if (parts_[at_] == "!") raise(Errc::unreachable, "the source is gone");
    co_return as_bytes(parts_[at_++]);
  }

 private:
  std::vector<std::string> parts_;
  std::size_t at_ = 0;
};

Response pulled(std::vector<std::string> parts, std::optional<std::uint64_t> length) {
  Response response;
  response.body = Response::Pulled{std::make_unique<Parts>(std::move(parts)), length};
  return response;
}

class Silence final : public EventFeed {
 public:
  explicit Silence(Runtime& runtime) : runtime_(runtime) {}
  void append_news(std::string&) override {}
  Task<> wait(Deadline by) override { co_await runtime_.sleep_until(by); }

 private:
  Runtime& runtime_;
};

Task<Response> handle(Runtime& runtime, Request& request, std::vector<Handover>& taken) {
  const auto path = request.target.path;
  if (path == "/leave") {
    Response response(200);
    response.add("X-Remote", request.remote.address.to_string());
    response.body =
        Response::Takeover{[&taken](Handover handover) { taken.push_back(std::move(handover)); }};
    co_return response;
  }
  if (path == "/leave-slowly") {
    co_await runtime.sleep_for(5s);
    Response response(101);
    response.body =
        Response::Takeover{[&taken](Handover handover) { taken.push_back(std::move(handover)); }};
    co_return response;
  }
  if (path == "/echo") {
    const auto by = Deadline::after(runtime.now(), 10s);
    auto body = co_await request.read_body(1000, by);
    if (!body) throw Failure(body.error());
    Response response;
    response.text("text/plain", to_text(*body));
    co_return response;
  }
  if (path == "/chunks") co_return pulled({"one", "two"}, {});
  if (path == "/known") co_return pulled({"one", "two"}, 6);
  if (path == "/short") co_return pulled({"one"}, 6);
  if (path == "/dies") co_return pulled({"one", "!"}, {});
  if (path == "/dead") co_return pulled({"!"}, 6);
  if (path == "/slow") co_await runtime.sleep_for(5s);
  if (path == "/fail") raise(Errc::not_found, "nothing");
  if (path == "/none") co_return Response(204);
  if (path == "/large")
    co_return pulled(std::vector<std::string>(100, std::string(1 << 20, 'x')), {});
  if (path == "/events") co_return event_stream(runtime, std::make_unique<Silence>(runtime));
  Response response;
  response.text("text/plain", fmt::format("{} {}", name(request.method), path));
  co_return response;
}

struct Fixture : testing::Test {
  Fixture() {
    auto listener = here.listen({here.address(), 80}, {});
    server.serve(std::move(*listener));
  }
  ~Fixture() override { rt.wait(server.stop(Deadline::after(rt.now(), 1s))); }

  std::unique_ptr<ByteStream> dial() {
    return rt.wait(there.connect({here.address(), 80}, {}, Deadline::never()));
  }
  static Task<> say(ByteStream& stream, std::string text) {
    const BytesView part = as_bytes(text);
    co_await stream.write(std::span(&part, 1));
  }
  // Everything the server says until it ends.
  static Task<std::string> hear(ByteStream& stream) {
    std::string all;
    Bytes buffer(4096);
    for (;;) {
      const auto got = co_await stream.read_some(buffer);
      if (got == 0) co_return all;
      all += as_text(BytesView(buffer).first(got));
    }
  }
  // What comes back for `text` when we end our direction behind it.
  std::string talk(std::string text) {
    auto stream = dial();
    rt.wait(say(*stream, std::move(text)));
    stream->shutdown_write();
    return rt.wait(hear(*stream));
  }
  std::string get(std::string_view path) {
    return talk(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path));
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  std::vector<Handover> taken;
  Server server{rt,
                {.name = "test", .own_fields = "X-Always: yes\r\n", .connections = 4, .failed = {}},
                [this](Request& request) { return handle(rt, request, taken); }};
};
using HttpServer = Fixture;

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(HttpServer, answers_in_order_when_requests_are_pipelined) {
  const auto text = talk(
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 2\r\n\r\nhiHEAD /c HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto first = text.find("GET /slow"), second = text.find("\r\n\r\nhi");
  ASSERT_NE(first, text.npos);
  ASSERT_NE(second, text.npos);
  EXPECT_LT(first, second);
  EXPECT_TRUE(text.ends_with("Content-Length: 7\r\n\r\n"));  // HEAD: a length, no body
  EXPECT_EQ(server.counters().requests, 3u);
}

TEST_F(HttpServer, frames_bodies_by_length_or_in_chunks) {
  EXPECT_TRUE(get("/known").ends_with("Content-Length: 6\r\n\r\nonetwo"));
  EXPECT_TRUE(get("/chunks").ends_with(
      "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  EXPECT_FALSE(has(get("/none"), "Content-Length"));
  EXPECT_TRUE(has(get("/fail"), "X-Always: yes\r\n"));
  EXPECT_FALSE(has(get("/known"), "Server:"));
}

TEST_F(HttpServer, tells_an_error_while_it_still_can) {
  EXPECT_TRUE(get("/fail").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(get("/dead").starts_with("HTTP/1.1 502"));
}

TEST_F(HttpServer, cuts_the_connection_when_a_body_breaks_off) {
  for (const auto* path : {"/dies", "/short"}) {
    auto stream = dial();
    rt.wait(say(*stream, fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path)));
    EXPECT_THROW(
        {
          Client client(rt, std::move(stream));
          rt.wait(client.send({}, Deadline::never()));
          rt.wait(client.read_body(1000, Deadline::never()));
        },
        Failure)
        << path;
  }
}

TEST_F(HttpServer, refuses_bad_heads_with_their_status) {
  EXPECT_TRUE(talk("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(talk("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(talk("GET / HTTP/2.0\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 505"));
}

TEST_F(HttpServer, does_not_read_a_body_that_is_too_large) {
  const auto text = talk("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(has(text, "Connection: close"));
  const auto chunked =
      talk("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, 'x') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.starts_with("HTTP/1.1 413"));
}

TEST_F(HttpServer, asks_for_an_expected_body_only_when_it_is_read) {
  auto stream = dial();
  rt.wait(say(*stream,
              "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
              "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
  rt.run_for(1s);
  rt.wait(say(*stream, "hi"));
  const auto text = rt.wait(hear(*stream));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  const auto refused =
      talk("GET /fail HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 404"));
}

TEST_F(HttpServer, keeps_the_connection_past_a_small_unread_body) {
  const auto text = talk(
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
      "GET /y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(has(text, "POST /x"));
  EXPECT_TRUE(has(text, "GET /y"));
}

TEST_F(HttpServer, gives_a_slow_head_408_and_a_silent_client_nothing) {
  auto slow = dial();
  rt.wait(say(*slow, "GET / HT"));
  rt.run_for(limits::head_time - 1s);
  rt.wait(say(*slow, "TP/1.1\r\n"));  // one line more does not buy time
  rt.run_for(1s + limits::farewell_time + 100ms);
  EXPECT_EQ(server.open_connections(), 0u);
  auto silent = dial();
  rt.run_for(limits::idle_time - 1s);
  EXPECT_EQ(server.open_connections(), 1u);
  rt.run_for(2s);
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpServer, says_408_for_a_body_that_does_not_come) {
  auto stream = dial();
  rt.wait(say(*stream, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"));
  const auto began = rt.now();
  std::string text;
  try {
    text = rt.wait(hear(*stream));
  } catch (const Failure&) {  // it ends with an abort
  }
  EXPECT_EQ((rt.now() - began) / 1s, 10);
  rt.run_for(3s);
  EXPECT_EQ(server.counters().by_class[4], 1u);
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpServer, makes_room_by_ending_the_longest_idle_connection) {
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (int i = 0; i < 6; ++i) {
    streams.push_back(dial());
    rt.run_for(1s);
  }
  EXPECT_EQ(server.open_connections(), 4u);
  rt.wait(say(*streams.back(), "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(has(rt.wait(hear(*streams.back())), "/last"));
}

TEST_F(HttpServer, refuses_connections_while_all_are_busy) {
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (int i = 0; i < 4; ++i) {
    streams.push_back(dial());
    rt.wait(say(*streams.back(), "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  rt.run_for(1s);
  auto extra = dial();
  rt.run_for(1s);
  EXPECT_EQ(server.counters().refused, 1u);
}

TEST_F(HttpServer, lets_answers_finish_when_it_stops) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(1s);
  TaskScope stopping(rt, "stopping");
  stopping.spawn(server.stop(Deadline::after(rt.now(), 10s)));
  const auto text = rt.wait(hear(*stream));
  stream->shutdown_write();
  rt.wait(stopping.join());
  EXPECT_TRUE(has(text, "GET /slow"));
  EXPECT_TRUE(has(text, "Connection: close"));
}

TEST_F(HttpServer, ends_event_streams_at_once_when_it_stops) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(1min);
  EXPECT_EQ(server.open_connections(), 1u);
  const auto began = rt.now();
  rt.wait(server.stop(Deadline::after(rt.now(), 10s)));
  EXPECT_LT(rt.now() - began, 1s);
}

TEST_F(HttpServer, gives_up_on_a_client_that_does_not_read) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(limits::write_time - 1s);
  EXPECT_EQ(server.open_connections(), 1u);
  rt.run_for(2s);
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpServer, ends_the_connection_behind_a_large_unread_body) {
  const auto size = limits::drained_body_bytes + 1;
  const auto text = talk(fmt::format("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}",
                                     size, std::string(size, 'x')));
  EXPECT_TRUE(has(text, "HTTP/1.1 200"));
  EXPECT_TRUE(has(text, "Connection: close"));
}

TEST_F(HttpServer, hands_a_connection_over_with_what_was_read_of_it) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /leave HTTP/1.1\r\nHost: a\r\n\r\nand more"));
  rt.run_for(1s);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(as_text(taken[0].unread), "and more");
  EXPECT_EQ(server.open_connections(), 0u);
  EXPECT_EQ(server.counters().taken_over, 1u);
  rt.wait(server.stop(Deadline::after(rt.now(), 10s)));  // leaves it alone
  rt.run_for(2 * limits::idle_time);
  rt.wait(say(*taken[0].stream, "the rest"));
  taken[0].stream->shutdown_write();
  const auto text = rt.wait(hear(*stream));
  EXPECT_TRUE(has(text, "X-Remote: 192.0.2.2\r\n\r\nthe rest")) << text;
  EXPECT_FALSE(has(text, "Connection:") || has(text, "Content-Length") || has(text, "chunked"));
}

TEST_F(HttpServer, hands_nothing_over_for_head_nor_behind_an_unread_body) {
  const auto head = talk("HEAD /leave HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
  const auto unread = talk("POST /leave HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_TRUE(unread.starts_with("HTTP/1.1 400")) << unread;
  EXPECT_TRUE(taken.empty());
}

TEST_F(HttpServer, hands_nothing_over_while_it_stops) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /leave-slowly HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(1s);
  TaskScope stopping(rt, "stopping");
  stopping.spawn(server.stop(Deadline::after(rt.now(), 10s)));
  const auto text = rt.wait(hear(*stream));
  stream->shutdown_write();
  rt.wait(stopping.join());
  EXPECT_TRUE(text.starts_with("HTTP/1.1 503")) << text;
  EXPECT_TRUE(taken.empty());
}

TEST_F(HttpServer, gives_up_a_takeover_whose_client_is_gone) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /leave-slowly HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(1s);
  stream->abort();
  rt.run_for(10s);
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpServer, talks_with_the_client_over_one_connection) {
  auto client = rt.wait(Client::connect(rt, there, {here.address(), 80}, Deadline::never()));
  for (int i = 0; i < 3; ++i) {
    ClientRequest request;
    request.method = "POST";
    request.target = "/echo";
    request.body = fmt::format("number {}", i);
    const auto* head = rt.wait(client->send(request, Deadline::never()));
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(as_text(rt.wait(client->read_body(100, Deadline::never()))), request.body);
    EXPECT_TRUE(client->reusable());
  }
  ClientRequest slow;
  slow.target = "/slow";
  EXPECT_THROW(rt.wait(client->send(slow, Deadline::after(rt.now(), 1s))), Failure);
}

}  // namespace
}  // namespace goop::net::http
