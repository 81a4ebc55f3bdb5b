// Attackers take every place of the server; an honest client must still be served.
#include <gtest/gtest.h>

#include "net/http/limits.h"
#include "net/http/server.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::http {
namespace {

constexpr std::size_t places = 120;
constexpr std::string_view half = "GET / HTTP/1.1\r\nHost: a\r\n";
constexpr std::string_view whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view slow_body =
    "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\nx";
constexpr std::string_view unread = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

class Endless final : public BodySource {
 public:
  Task<BytesView> next(Deadline) override { co_return part_; }

 private:
  Bytes part_ = Bytes(256 * 1024, 'x');
};

struct Crowd : testing::Test {
  Crowd() { server.serve(std::move(*here.listen({here.address(), 80}, {}))); }
  ~Crowd() override {
    rt.wait(readers.close());
    streams.clear();
    rt.wait(server.stop(Deadline::after(rt.now(), 1s)));
  }

  Task<Response> answer(Request& request) {
    if (request.target.path == "/body") {
      co_await request.read_body(10'000, Deadline::after(rt.now(), 60s));
    }
    Response response;
    if (request.target.path == "/large") {
      response.body = Response::Pulled{std::make_unique<Endless>(), {}};
    } else {
      response.text("text/plain", "served");
    }
    co_return response;
  }

  // The number `number` of a network that holds 250 addresses.
  sim::SimHost& host(int network, int number = 1) {
    auto& made = hosts[{network, number}];
    if (!made) made = &internet.add_host(fmt::format("198.51.{}.{}", network, number));
    return *made;
  }
  // As far as the other side still listens.
  static Task<> say(ByteStream& stream, std::string text) {
    const BytesView part = as_bytes(text);
    auto saying = stream.write(std::span(&part, 1));
    co_await attempt(std::move(saying));
  }
  ByteStream& dial(sim::SimHost& from) {
    streams.push_back(rt.wait(from.connect({here.address(), 80}, {}, Deadline::never())));
    return *streams.back();
  }
  // Each of `networks` opens `each` connections and says no more than `text`.
  void besiege(std::string_view text, int networks, int each) {
    for (int i = 0; i < each; ++i) {
      for (int network = 0; network < networks; ++network) {
        rt.wait(say(dial(host(network, 1 + i % 3)), std::string(text)));
      }
      rt.run_for(1ms);
    }
  }
  static Task<> read_all(ByteStream& stream, std::shared_ptr<std::string> into) {
    Bytes buffer(4096);
    for (;;) {
      auto reading = stream.read_some(buffer);
      const auto got = co_await attempt(std::move(reading));
      if (!got || *got == 0) co_return;
      *into += as_text(BytesView(buffer).first(*got));
    }
  }
  std::shared_ptr<std::string> hear(ByteStream& stream) {
    auto heard = std::make_shared<std::string>();
    readers.spawn(read_all(stream, heard));
    return heard;
  }
  // What one who comes now has got within a second.
  std::string ask(sim::SimHost& from) {
    auto& stream = dial(from);
    const auto heard = hear(stream);
    rt.wait(say(stream, std::string(whole)));
    rt.run_for(1s);
    return *heard;
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& honest = internet.add_host("203.0.113.5");
  std::map<std::pair<int, int>, sim::SimHost*> hosts;
  std::vector<std::unique_ptr<ByteStream>> streams;
  TaskScope readers{rt, "readers"};
  Server server{rt, {.name = "test", .connections = places}, [this](Request& request) {
                  return answer(request);
                }};
};
using HttpCrowd = Crowd;

bool served(const std::string& text) { return text.ends_with("\r\n\r\nserved"); }

TEST_F(HttpCrowd, half_a_request_from_each_of_several_networks_keeps_nobody_out) {
  besiege(half, 6, 100);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(served(ask(honest))) << i;
    besiege(half, 6, 10);
  }
  EXPECT_LE(server.open_connections(), places + limits::refusals);
}

TEST_F(HttpCrowd, one_whose_request_is_on_its_way_is_not_pushed_out_by_those_who_come_after) {
  besiege(half, 6, 100);
  auto& stream = dial(honest);
  const auto heard = hear(stream);
  const auto came = rt.now();
  while (rt.now() - came < limits::newcomer_time * 3 / 4) besiege(half, 6, 1);
  rt.wait(say(stream, std::string(whole)));
  rt.run_for(100ms);
  EXPECT_TRUE(served(*heard)) << *heard;
}

TEST_F(HttpCrowd, bodies_that_do_not_come_keep_nobody_out) {
  besiege(slow_body, 6, 100);
  EXPECT_TRUE(served(ask(honest)));
}

TEST_F(HttpCrowd, answers_that_nobody_reads_keep_nobody_out) {
  besiege(unread, 6, 40);
  EXPECT_TRUE(served(ask(honest)));
}

TEST_F(HttpCrowd, connections_that_were_used_once_keep_nobody_out) {
  besiege(whole, 6, 100);
  EXPECT_TRUE(served(ask(honest)));
}

TEST_F(HttpCrowd, a_class_behind_one_address_keeps_its_connections) {
  constexpr std::size_t members = places / 8;  // with seven networks less than an even share
  for (std::size_t i = 0; i < members; ++i) rt.wait(say(dial(honest), std::string(whole)));
  rt.run_for(limits::busy_time + 1s);
  besiege(half, 6, 100);
  besiege(whole, 5, 100);
  for (std::size_t i = 0; i < members; ++i) {
    const auto heard = hear(*streams[i]);
    rt.wait(say(*streams[i], std::string(whole)));
    rt.run_for(10ms);
    EXPECT_TRUE(served(*heard)) << i;
  }
}

TEST_F(HttpCrowd, who_gets_no_place_is_told_when_to_try_again) {
  besiege(slow_body, 1, places);
  const auto heard = ask(host(0));
  EXPECT_TRUE(heard.starts_with("HTTP/1.1 503 ")) << heard;
  EXPECT_NE(heard.find("\r\nRetry-After: 2\r\n"), heard.npos);
  EXPECT_EQ(server.counters().refused, 1u);
}

TEST_F(HttpCrowd, who_gives_way_within_a_request_is_told_when_to_try_again) {
  auto& first = dial(host(0));
  const auto heard = hear(first);
  rt.wait(say(first, std::string(half)));
  rt.run_for(2s);
  besiege(half, 1, places);
  rt.run_for(100ms);
  EXPECT_TRUE(heard->starts_with("HTTP/1.1 503 ")) << *heard;
  EXPECT_NE(heard->find("\r\nRetry-After: 2\r\n"), heard->npos);
}

TEST_F(HttpCrowd, who_is_told_waits_for_a_moment_and_only_so_many_do) {
  besiege(slow_body, 1, places);
  besiege(half, 1, 2 * limits::refusals);
  EXPECT_EQ(server.counters().refused, 2 * limits::refusals);
  EXPECT_EQ(server.counters().by_class[5], 2 * limits::refusals);
  rt.run_for(limits::refusal_time + 100ms);
  EXPECT_TRUE(ask(host(0)).starts_with("HTTP/1.1 503 "));
}

TEST_F(HttpCrowd, many_requests_at_once_give_others_a_turn_in_between) {
  std::string flood;
  for (int i = 0; i < 400; ++i) flood += whole;
  auto& greedy = dial(host(0));
  auto& modest = dial(honest);
  hear(greedy);
  const auto heard = hear(modest);
  rt.wait(say(greedy, flood));
  rt.wait(say(modest, std::string(whole)));
  while (heard->empty()) rt.run_for(1ms);
  EXPECT_TRUE(served(*heard));
  rt.run_for(5s);
  EXPECT_EQ(server.counters().requests, 401u);
}

// Each connection of "the proxy" counts for whom its requests are.
TEST_F(HttpCrowd, a_connection_counts_for_the_client_that_its_request_names) {
  Server proxied(
      rt,
      {.name = "proxied",
       .connections = places,
       .client_key =
           [](const Request& request) {
             const auto named = request.field("X-For");
             return ClientKey{named ? std::string(*named) : fmt::format("{}", request.remote)};
           }},
      [this](Request& request) { return answer(request); });
  proxied.serve(std::move(*here.listen({here.address(), 81}, {})));
  const auto ask_for = [&](std::string_view client, std::string_view request) {
    streams.push_back(rt.wait(host(9).connect({here.address(), 81}, {}, Deadline::never())));
    std::string text(request);
    text.insert(text.find("\r\n") + 2, fmt::format("X-For: {}\r\n", client));
    rt.wait(say(*streams.back(), text));
    rt.run_for(1ms);
    return hear(*streams.back());
  };
  for (std::size_t i = 0; i < places; ++i) ask_for("greedy", slow_body);
  const auto heard = ask_for("modest", whole);
  rt.run_for(100ms);
  EXPECT_TRUE(served(*heard)) << *heard;
  EXPECT_EQ(proxied.counters().refused, 0u);
  rt.wait(proxied.stop(Deadline::after(rt.now(), 1s)));
}

TEST_F(HttpCrowd, those_who_are_known_are_closed_last) {
  Server mine(rt,
              {.name = "mine",
               .connections = places,
               .client_key =
                   [this](const Request& request) {
                     const bool own = request.remote.address == honest.address();
                     return ClientKey{own ? "own" : "other",
                                      own ? Standing::known : Standing::unproven};
                   }},
              [this](Request& request) { return answer(request); });
  mine.serve(std::move(*here.listen({here.address(), 82}, {})));
  const auto open = [&](sim::SimHost& from, std::string_view text) {
    streams.push_back(rt.wait(from.connect({here.address(), 82}, {}, Deadline::never())));
    rt.wait(say(*streams.back(), std::string(text)));
    rt.run_for(1ms);
  };
  for (std::size_t i = 0; i < 10; ++i) open(honest, whole);
  rt.run_for(limits::busy_time + 1s);
  for (std::size_t i = 0; i < 3 * places; ++i) open(host(1), i % 2 == 0 ? half : slow_body);
  for (std::size_t i = 0; i < 10; ++i) {
    const auto heard = hear(*streams[i]);
    rt.wait(say(*streams[i], std::string(whole)));
    rt.run_for(10ms);
    EXPECT_TRUE(served(*heard)) << i;
  }
  rt.wait(mine.stop(Deadline::after(rt.now(), 1s)));
}

}  // namespace
}  // namespace goop::net::http
