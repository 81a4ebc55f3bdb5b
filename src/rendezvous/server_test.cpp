// The server as its clients see it: the reference program's and ours, over HTTP, event streams and
// WebSockets, in virtual time.
#include "rendezvous/server.h"

#include "base/base64.h"
#include "base/json.h"
#include "rendezvous/route_table.h"
#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

struct Town : TownTest {
  Person nora = person(1), ben = person(2), mira = person(3);
};

// --- publishing ---

TEST_F(Town, takes_a_message_with_204_and_says_what_is_wrong_with_others) {
  EXPECT_EQ(say(home, nora).status, 204);
  EXPECT_EQ(say_unsigned(school, ben).status, 204);
  EXPECT_EQ(post(home, "x").status, 400);
  const auto punch =
      post(home, fmt::format(R"({{"type":"punch","peerID":"{0}","target":"{0}"}})", nora.id));
  EXPECT_EQ(punch.status, 400);
  EXPECT_NE(punch.body.find("type"), std::string::npos);
  EXPECT_EQ(get(home, "/publish").status, 405);
  EXPECT_EQ(server->board().size(), 2u);
}

TEST_F(Town, refuses_a_body_over_its_limit) {
  EXPECT_EQ(post(home, std::string(limits::message_bytes + 1, ' ')).status, 413);
}

TEST_F(Town, refuses_forged_signatures) {
  auto forged = signed_at(nora, rt.wall());
  forged.envelope.back() ^= 1;
  EXPECT_EQ(post(home, wire::write_presence(forged)).status, 400);
  EXPECT_EQ(server->board().size(), 0u);
}

TEST_F(Town, a_forged_offline_ends_nobody) {
  say(home, nora);
  auto bare = unsigned_at(nora, rt.wall());
  bare.presence.type = wire::PresenceType::offline;
  EXPECT_EQ(post(stranger, wire::write_presence(bare)).status, 409);
  EXPECT_EQ(server->board().size(), 1u);
}

TEST_F(Town, says_how_far_a_clock_is_off) {
  nora.clock_off = -1h;
  const auto answer = say(home, nora);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NEAR(std::atof(answer.clock_difference.c_str()), -3'600'000, 2'000);
}

TEST_F(Town, one_identity_that_talks_too_much_is_told_when_to_try_again) {
  Posted last;
  int taken = 0;
  for (int i = 0; i < 40; ++i) {
    last = say(home, nora);
    taken += last.status == 204;
  }
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.retry_after, "1");
  EXPECT_GE(taken, limits::identity_burst);
  EXPECT_EQ(say(home, ben).status, 204);  // its neighbour is not
}

TEST_F(Town, a_flood_from_one_address_meets_its_budget_and_others_do_not) {
  int refused = 0;
  for (int i = 0; i < 600; ++i) refused += post(stranger, "nonsense").status == 429;
  EXPECT_GT(refused, 50);
  EXPECT_EQ(say(home, nora).status, 204);
}

// --- event streams ---

TEST_F(Town, an_event_stream_begins_as_the_reference_clients_know_it) {
  say_unsigned(home, nora);
  const auto reader = listen(home, "/events");
  EXPECT_TRUE(reader->text.starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(reader->has("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(reader->has("\r\n\r\n: ok\n\ndata: {\"type\":\"update\",\"peerID\":"));
  EXPECT_FALSE(reader->has("Transfer-Encoding"));
  EXPECT_FALSE(reader->has("event:"));
  EXPECT_FALSE(reader->has("id:"));
  pass(limits::sse_ping);
  EXPECT_EQ(reader->count(": ping\n\n"), 1u);
}

TEST_F(Town, a_full_stream_repeats_every_heartbeat_and_a_delta_stream_none) {
  const auto full = listen(home, "/events");
  const auto delta = listen(home, "/events?mode=delta");
  for (int i = 0; i < 3; ++i) {
    say(school, nora);
    pass(5s);
  }
  EXPECT_EQ(full->count("data: {\"type\""), 3u);
  EXPECT_EQ(delta->count("data: {\"type\""), 1u);
  EXPECT_EQ(delta->count("event: snapshot\ndata: {\"peers\":0}\n\n"), 1u);
  EXPECT_EQ(delta->count("event: ready\n"), 1u);
}

TEST_F(Town, a_delta_stream_goes_on_where_it_broke_off) {
  say(school, nora);
  auto delta = listen(home, "/events?mode=delta");
  const auto at = delta->text.find("id: ");
  const auto id = delta->text.substr(at + 4, delta->text.find('\n', at) - at - 4);
  hang_up(delta);
  say(school, ben);
  delta = listen(home, "/events?mode=delta", fmt::format("Last-Event-ID: {}\r\n", id));
  EXPECT_FALSE(delta->has("event: snapshot"));
  EXPECT_FALSE(delta->has("event: gap"));
  EXPECT_EQ(delta->count("data: {\"type\""), 1u);
  EXPECT_TRUE(delta->has(ben.id.to_string()));
}

TEST_F(Town, a_last_event_id_that_means_nothing_gets_a_gap_and_a_snapshot) {
  say(school, nora);
  for (const auto* id : {"nonsense", "0-0", "000000000000-99999999999999999999", "-1", "\x01"}) {
    const auto delta = listen(home, "/events?mode=delta", fmt::format("Last-Event-ID: {}\r\n", id));
    if (delta->status() == 400) continue;  // no field value at all
    EXPECT_EQ(delta->count("event: gap\n"), 1u) << id;
    EXPECT_EQ(delta->count("data: {\"type\""), 1u);
  }
}

TEST_F(Town, a_signed_offline_is_seen_within_200_ms) {
  say(school, nora);
  const auto full = listen(home, "/events"), delta = listen(home, "/events?mode=delta");
  nora.type = wire::PresenceType::offline;
  say(school, nora);
  pass(100ms);
  EXPECT_EQ(full->count("\"type\":\"offline\""), 1u);
  EXPECT_EQ(delta->count("\"type\":\"offline\""), 1u);
}

TEST_F(Town, a_reader_that_takes_nothing_is_dropped_and_delays_nobody) {
  const auto quick = listen(home, "/events");
  auto slow = rt.wait(school.connect({here.address(), 8787}, {}, Deadline::never()));
  const auto ask = as_bytes("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  rt.wait(slow->write(std::span(&ask, 1)));
  pass(100ms);
  for (int i = 0; i < 300; ++i) {
    auto crowd = person(static_cast<std::uint8_t>(i % 250));
    crowd.label = std::string(4000, 'x');
    crowd.last_ts = i;
    say(client(i), crowd);
  }
  pass(100ms);
  EXPECT_EQ(quick->count("data: {\"type\""), 300u);
  pass(limits::write_time + limits::sse_ping);
  EXPECT_EQ(get(home, "/readyz").body.find("\"eventStreams\":2"), std::string::npos);
  EXPECT_FALSE(quick->over);
}

// --- who gets what ---

TEST_F(Town, addresses_are_for_those_who_are_here_themselves) {
  say(school, nora);
  const auto anonymous = listen(stranger, "/events");
  const auto neighbour = listen(school, "/events");
  EXPECT_TRUE(anonymous->has(nora.id.to_string()));
  EXPECT_FALSE(anonymous->has("203.0.113.9"));
  EXPECT_FALSE(anonymous->has("\"sig\""));
  EXPECT_TRUE(neighbour->has("203.0.113.9"));
  EXPECT_TRUE(neighbour->has("\"sig\""));
  // Who comes gets them from then on, and who is gone does not.
  say(stranger, ben);
  say(school, nora);
  pass(100ms);
  EXPECT_TRUE(anonymous->has("203.0.113.9"));
}

TEST_F(Town, an_email_is_passed_on_as_its_owner_published_it) {
  nora.email = "nora@example.org";
  ben.email = "ben@example.org";
  say(school, nora);
  say_unsigned(school, ben);
  const auto reader = listen(school, "/events");
  EXPECT_TRUE(reader->has("nora@example.org"));
  EXPECT_TRUE(reader->has("ben@example.org"));  // as its program shows it to everybody
}

TEST_F(Town, a_verification_token_is_never_told) {
  auto message = unsigned_at(ben, rt.wall());
  message.verification_token = "very-secret";
  post(school, wire::write_presence(message));
  EXPECT_FALSE(listen(school, "/events")->has("very-secret"));
  EXPECT_TRUE(listen(school, "/events")->has("\"verified\":true"));
}

// --- the rest ---

TEST_F(Town, machines_and_strangers_get_what_is_theirs) {
  EXPECT_EQ(get(home, "/healthz").body, "ok\n");
  EXPECT_EQ(get(home, "/relay").status, 404);
  EXPECT_EQ(get(home, "/nope").status, 404);
  EXPECT_EQ(get(home, "/nope").body, R"({"error":"not found"})");
  EXPECT_EQ(get(home, "/api/capabilities").body,
            R"({"bridge":false,"credits":false,"encryption":false,"registration":false,)"
            R"("relay":false,"templates":false})");
  EXPECT_NE(get(home, "/readyz").body.find("\"ready\":true"), std::string::npos);
  EXPECT_NE(get(home, "/metrics").body.find("goop_rendezvous_peers 0\n"), std::string::npos);
  EXPECT_EQ(get(home, "/peers.json").status, 403);  // no password, no admin
}

TEST_F(Town, tells_all_that_it_goes) {
  say(home, nora);
  const auto own = socket(home, nora, true);
  const auto stream = listen(school, "/events");
  say(own, nora);
  const auto before = rt.now();
  shut();
  EXPECT_LE(rt.now() - before, 1s);
  pass(100ms);
  EXPECT_EQ(own->close->code, net::http::ws::close_code::going_away);
  EXPECT_TRUE(stream->over);
}

TEST_F(Town, a_delta_reader_that_lags_gets_a_gap_and_a_snapshot) {
  auto slow = std::make_shared<Reading>();
  slow->stream = rt.wait(school.connect({here.address(), 8787}, {}, Deadline::never()));
  const auto ask = as_bytes("GET /events?mode=delta HTTP/1.1\r\nHost: a\r\n\r\n");
  rt.wait(slow->stream->write(std::span(&ask, 1)));
  pass(100ms);
  for (int i = 0; i < 1500; ++i) {
    auto crowd = person(static_cast<std::uint8_t>(i % 200));
    crowd.label = std::string(4000, static_cast<char>('a' + i / 200));
    crowd.last_ts = to_ms(rt.wall());
    ASSERT_EQ(say(client(i % 200), crowd).status, 204);
  }
  start_reading(slow);
  pass(5s);
  EXPECT_EQ(slow->count("event: gap\n"), 1u);
  EXPECT_EQ(slow->count("event: snapshot\n"), 2u);
  EXPECT_EQ(slow->count("event: ready\n"), 2u);
  EXPECT_FALSE(slow->over);
}

TEST_F(Town, one_address_gets_only_so_many_streams) {
  std::vector<Reader> streams;
  for (std::size_t i = 0; i < limits::streams_per_address; ++i) {
    streams.push_back(open_stream(school, "/events"));
  }
  pass(1s);
  EXPECT_EQ(streams.back()->status(), 200);
  EXPECT_EQ(listen(school, "/events")->status(), 429);
  EXPECT_EQ(listen(home, "/events")->status(), 200);
}

// Who may use them: guard_test.cpp.
TEST_F(Town, every_route_is_in_the_description_of_the_api) {
  const auto text = get(home, "/api/openapi.json").body;
  const auto api = json::parse(text).value();
  const auto& paths = api.at("paths").as_object();
  std::set<std::string_view> patterns;
  for (const auto& route : route_table()) {
    patterns.insert(route.pattern);
    const bool posts = route.method == net::http::Method::post;
    auto name = std::string(route.pattern);
    const auto rest = name.find("...}");
    if (rest != name.npos) name.erase(rest, 3);
    auto path = paths.at(name).as_object();
    EXPECT_EQ(path.erase("parameters"), name.contains('{')) << name;
    const auto* operation = path.if_contains(posts ? "post" : "get");
    ASSERT_TRUE(operation) << route.pattern;
    EXPECT_EQ(operation->as_object().contains("security"), route.is_operators());
  }
  EXPECT_EQ(paths.size(), patterns.size());
}

// --- with other options ---

struct Small : TownTest {
  Small() : TownTest(with()) {}
  static Options with() {
    Options options;
    options.file_limit = 400;
    return options;
  }
};

TEST_F(Small, refuses_with_503_before_its_files_run_out) {
  std::vector<Reader> streams;
  for (std::size_t i = 0; i < 400; ++i) {
    streams.push_back(open_stream(client(static_cast<int>(i)), "/events"));
    pass(10ms);
  }
  pass(1s);
  const auto held =
      std::ranges::count_if(streams, [](const auto& s) { return s->status() == 200; });
  EXPECT_LT(held, 400 - static_cast<int>(limits::files_reserved));
  EXPECT_GT(held, 200);
  EXPECT_EQ(streams.back()->status(), 503);
  EXPECT_TRUE(streams.back()->has("Retry-After: "));
  EXPECT_EQ(get(home, "/healthz").status, 200);  // whoever looks after it still gets in
  EXPECT_EQ(get(home, "/readyz").status, 503);
}

struct Proxied : TownTest {
  Proxied() : TownTest(with()) {}
  static Options with() {
    Options options;
    options.file_limit = 400;  // 64 places for requests
    options.trusted_proxies = {"198.51.99.1/32"};
    return options;
  }
  // As far as the server still listens.
  static Task<> half_a_request(net::ByteStream& stream) {
    auto writing = write(stream, "GET / HT");
    co_await attempt(std::move(writing));
  }
};

TEST_F(Proxied, half_requests_from_several_networks_leave_a_place_for_the_next_visitor) {
  std::vector<Reader> rude;
  for (int network = 0; network < 6; ++network) {
    for (int i = 0; i < 40; ++i) {
      rude.push_back(std::make_shared<Reading>());
      auto dialling = client(network * 250).connect({here.address(), 8787}, {}, Deadline::never());
      rude.back()->stream = rt.wait(std::move(dialling));
      rt.wait(half_a_request(*rude.back()->stream));
    }
  }
  const auto came = rt.now();
  EXPECT_EQ(get(stranger, "/").status, 200);
  EXPECT_LT(rt.now() - came, 1s);
}

TEST_F(Proxied, a_trusted_proxy_is_not_one_client) {
  std::vector<Reader> through;
  for (int i = 0; i < 60; ++i) {
    const auto named = fmt::format("X-Forwarded-For: 203.0.{}.7\r\n", i);
    through.push_back(listen(home, "/healthz", named));
  }
  pass(10s);
  std::vector<Reader> rude;
  for (int i = 0; i < 200; ++i) {
    rude.push_back(std::make_shared<Reading>());
    auto dialling = school.connect({here.address(), 8787}, {}, Deadline::never());
    rude.back()->stream = rt.wait(std::move(dialling));
    rt.wait(half_a_request(*rude.back()->stream));
  }
  const auto kept = std::ranges::count_if(through, [](const Reader& one) { return !one->over; });
  EXPECT_GE(kept, 55);  // one network takes no more than was free, and little of who is idle
}

struct Guarded : TownTest {
  Guarded() : TownTest(with()) {}
  static Options with() {
    auto options = roomy();
    options.admin_password = "let me in";
    options.trusted_proxies = {"198.51.99.1/32"};
    return options;
  }
  Person nora = person(1), ben = person(2);
};

TEST_F(Guarded, the_operator_has_a_password_and_few_tries) {
  EXPECT_EQ(get(stranger, "/peers.json").status, 401);
  const auto right = "Basic " + to_base64(as_bytes("admin:let me in"));
  EXPECT_EQ(get(stranger, "/peers.json", right).status, 200);
  EXPECT_EQ(get(stranger, "/logs.json", right).status, 200);
  int status = 0;
  for (int i = 0; i < 10; ++i) status = get(stranger, "/peers.json", "Basic AAAA").status;
  EXPECT_EQ(status, 428);
  EXPECT_EQ(get(stranger, "/peers.json", right).status, 428);  // a proof of work is asked for
  EXPECT_EQ(get(school, "/peers.json", right).status, 200);
}

TEST_F(Guarded, rows_read_like_the_reference_programs) {
  say_unsigned(school, nora);
  const auto right = "Basic " + to_base64(as_bytes("admin:let me in"));
  const auto rows = get(stranger, "/peers.json", right).body;
  EXPECT_TRUE(rows.starts_with(fmt::format(R"([{{"peer_id":"{}","type":"update","content":"Nora",)"
                                           R"("addrs":["/ip4/203.0.113.9/tcp/4001"],"ts":)",
                                           nora.id)))
      << rows;
  // Nobody verifies anything here; only on the wire it is said as the reference program does.
  EXPECT_NE(rows.find(R"("bytes_received":0,"verified":false)"), std::string::npos) << rows;
  EXPECT_TRUE(listen(school, "/events")->has("\"verified\":true"));
}

TEST_F(Guarded, what_is_not_built_yet_answers_the_operator_as_the_reference_program_without_it) {
  const auto right = "Basic " + to_base64(as_bytes("admin:let me in"));
  const std::pair<std::string, std::string> answers[] = {
      {"/relay-status.json", R"({"peers":[],"logs":[]})"},
      {"/accounts.json", "[]"},
      {"/api/services/logs", "[]"}};
  for (const auto& [path, body] : answers) {
    EXPECT_EQ(get(stranger, path).status, 401) << path;
    EXPECT_EQ(get(stranger, path, right).body, body);
  }
}

TEST_F(Guarded, behind_a_trusted_proxy_the_client_is_whom_it_names) {
  const auto text = [this](Person& who) { return wire::write_presence(signed_at(who, rt.wall())); };
  post(home, text(nora), "203.0.113.200, 203.0.113.7");
  EXPECT_EQ(server->board().rows_at(asio::ip::make_address("203.0.113.7")), 1u);
  post(school, text(ben), "203.0.113.8");  // no proxy of ours: not believed
  EXPECT_EQ(server->board().rows_at(school.address()), 1u);
}

TEST_F(Town, forty_peers_behind_one_address_are_never_refused_and_never_flap) {
  std::vector<Person> pupils;
  std::vector<Reader> sockets;
  const auto watch = listen(stranger, "/events?mode=delta");
  for (std::uint8_t i = 0; i < 40; ++i) {
    pupils.push_back(person(static_cast<std::uint8_t>(10 + i)));
    const bool ours = i % 2 == 0;
    const auto answer = ours ? say(school, pupils.back()) : say_unsigned(school, pupils.back());
    ASSERT_EQ(answer.status, 204);
    sockets.push_back(i % 4 == 3 ? listen(school, "/events") : socket(school, pupils.back(), ours));
    ASSERT_LT(sockets.back()->status(), 300);
  }
  const auto beat = [&](std::size_t i) {
    auto message = i % 2 == 0 ? signed_at(pupils[i], rt.wall()) : unsigned_at(pupils[i], rt.wall());
    return wire::write_presence(message);
  };
  const auto end = rt.now() + 10min;
  while (rt.now() < end) {
    const auto next = rt.now() + 5s;
    for (std::size_t i = 0; i < 40; ++i) {
      if (i % 4 < 2) {
        frame(sockets[i], beat(i));
      } else {
        ASSERT_EQ(post(school, beat(i)).status, 204);
      }
    }
    if (rt.now() < next) pass(next - rt.now());
  }
  EXPECT_EQ(server->board().size(), 40u);
  EXPECT_EQ(watch->count("offline"), 0u);
  for (const auto& socket : sockets) EXPECT_FALSE(socket->over);
}

}  // namespace
}  // namespace goop::rendezvous
