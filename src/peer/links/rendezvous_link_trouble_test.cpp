// One link where something is wrong, in virtual time: a server that is away, slow, silent, refuses
// or floods.
#include "peer/links/scripted_server_test_kit.h"

namespace goop::peer::links {
namespace {

TEST_F(LinkTest, comes_online_by_itself_after_an_hour_without_a_name) {
  internet.set_name("town.example", {});
  say("first");
  link->start();
  pass(1h);
  EXPECT_EQ(phase(), Phase::waiting);
  EXPECT_FALSE(link->status().error.empty());
  ASSERT_TRUE(link->status().next_try);
  EXPECT_LE(*link->status().next_try - rt.wall(), limits::back_off_most);
  internet.set_name("town.example", {there.address()});
  pass(limits::back_off_most + 1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.frames, std::vector<std::string>{"first"});
}

TEST_F(LinkTest, follows_a_server_that_moves) {
  link->start();
  pass(1min);
  server.shut();
  auto& new_home = internet.add_host("198.51.100.99");
  ScriptedServer moved(rt, new_home);
  internet.set_name("town.example", {new_home.address()});
  pass(10s);
  EXPECT_EQ(moved.sockets_asked, 1);
  rt.wait(link->stop(Deadline::after(rt.now(), 1s)));
}

TEST_F(LinkTest, comes_back_after_a_restart_and_says_the_newest_message) {
  link->start();
  pass(1min);
  server.shut();
  for (int i = 0; i < 5; ++i) {
    say(fmt::format("heartbeat {}", i));
    pass(1s);
  }
  EXPECT_NE(phase(), Phase::socket);
  server.open();
  pass(10s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.frames, std::vector<std::string>{"heartbeat 4"});
}

// --- the same identity on another computer ---

constexpr std::string_view twin_frame =
    R"({"event":"twin","address":"203.0.113.7","ts":1767000000123})";

TEST_F(LinkTest, thrown_out_by_a_twin_it_waits_long_and_longer_each_time) {
  twin_problem = "another computer";
  link->start();
  pass(1min);
  for (const Duration wait : {30s, 60s, 120s}) {
    server.send_frame(twin_frame);
    server.replace();
    EXPECT_EQ(twins.back(), (std::pair<std::int64_t, std::string>(1767000000123, "203.0.113.7")));
    ASSERT_EQ(phase(), Phase::waiting);
    EXPECT_EQ(link->status().error, "another computer");
    link->hurry();  // a change of the network is no reason
    const auto asked = server.sockets_asked;
    pass(wait - 1s);
    EXPECT_EQ(server.sockets_asked, asked);
    pass(wait / 4 + 2s);
    EXPECT_EQ(server.sockets_asked, asked + 1);
    EXPECT_EQ(phase(), Phase::socket);
  }
}

TEST_F(LinkTest, one_who_passes_on_our_own_messages_is_no_twin) {
  link->start();
  pass(1min);
  server.send_frame(twin_frame);
  server.replace();
  EXPECT_EQ(twins.size(), 1u);
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, an_older_server_that_replaces_a_socket_without_a_word_proves_no_twin) {
  twin_problem = "another computer";
  link->start();
  pass(1min);
  server.replace();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, told_of_a_twin_that_came_to_us_it_stays) {
  twin_problem = "another computer";
  link->start();
  pass(1min);
  server.send_frame(twin_frame);
  server.hang_up();  // later, for a reason of its own
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.sockets_asked, 2);
}

TEST_F(LinkTest, hurries_when_the_network_changes) {
  server.shut();
  link->start();
  pass(10min);
  server.open();
  link->hurry();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, a_silent_socket_is_given_up_after_15_seconds) {
  say("hello");
  link->start();
  pass(1min);
  EXPECT_EQ(link->counters().sockets, 1u);
  internet.partition(here, there);
  pass(limits::silence + 1s);
  EXPECT_NE(phase(), Phase::socket);
  internet.heal(here, there);
  pass(1min);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, a_silent_event_stream_is_given_up_after_a_minute) {
  server.socket_status = 404;
  server.probes = false;
  link->start();
  pass(59s);
  EXPECT_EQ(phase(), Phase::events);
  pass(5s);
  EXPECT_EQ(server.events_asked, 2);
}

TEST_F(LinkTest, a_server_that_answers_nothing_is_asked_seldom) {
  server.mute = true;
  link->start();
  pass(10min);
  EXPECT_FALSE(is_up(phase()));
  EXPECT_LE(server.asked_at.size(), 60u);
  EXPECT_GE(server.asked_at.size(), 10u);
}

TEST_F(LinkTest, a_slow_server_is_waited_for) {
  there.link() = {.latency = 400ms, .bytes_per_second = 20'000};
  server.early = true;
  say("first");
  link->start();
  pass(20s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.published.size() + server.frames.size(), 1u);
}

TEST_F(LinkTest, does_as_retry_after_says) {
  server.socket_status = 429;
  server.retry_after = "60";
  link->start();
  pass(59s);
  EXPECT_EQ(server.sockets_asked, 1);
  EXPECT_EQ(phase(), Phase::waiting);
  pass(20s);
  EXPECT_EQ(server.sockets_asked, 2);
}

TEST_F(LinkTest, a_publish_that_is_too_much_waits_and_is_said_later) {
  server.socket_status = 404;
  server.probes = false;
  server.publish_status = 429;
  server.retry_after = "20";
  link->start();
  say("one");
  pass(1s);
  EXPECT_EQ(server.published.size(), 1u);
  EXPECT_NE(link->status().error.find("429"), std::string::npos);
  say("two");
  server.publish_status = 0;
  pass(14s);
  EXPECT_EQ(server.published.size(), 1u);
  pass(12s);
  EXPECT_EQ(server.published.size(), 2u);
  EXPECT_EQ(server.published.back(), "two");
  EXPECT_EQ(link->status().error, "");
}

TEST_F(LinkTest, says_that_our_clock_is_wrong) {
  server.socket_status = 404;
  server.publish_status = 400;
  server.clock_difference = "-3600000";
  link->start();
  say("one");
  pass(2s);
  EXPECT_EQ(link->status().clock_ahead, -1h);
  EXPECT_EQ(server.published.size(), 1u);  // it will never be taken: it is not said again
  server.publish_status = 0;
  say("two");
  pass(2s);
  EXPECT_FALSE(link->status().clock_ahead);
}

TEST_F(LinkTest, shows_what_a_socket_refused_until_something_is_taken) {
  link->start();
  say("one");
  pass(1s);
  server.send_frame(
      R"({"event":"refused","code":"invalid","reason":"clock","clockDifferenceMs":7000})");
  EXPECT_EQ(link->status().error, "clock");
  EXPECT_EQ(link->status().clock_ahead, 7s);
  const auto told = statuses.size();
  say("two");
  pass(1s);
  server.send_frame(
      R"({"event":"refused","code":"invalid","reason":"clock","clockDifferenceMs":7000})");
  EXPECT_EQ(statuses.size(), told);  // nothing changed
  say("three");
  pass(1s);
  say("four");
  pass(1s);
  EXPECT_EQ(link->status().error, "");
}

TEST_F(LinkTest, says_where_to_register_when_a_socket_hears_that_it_must) {
  link->start();
  say("one");
  pass(1s);
  server.send_frame(R"({"event":"refused","code":"registration","reason":"see /register"})");
  const auto said = fmt::format("not shown to others: register at {}/register", link->status().url);
  EXPECT_EQ(link->status().error, said);
  EXPECT_EQ(link->status().phase, Phase::socket);
}

TEST_F(LinkTest, garbage_is_counted_and_does_no_harm) {
  link->start();
  pass(1s);
  for (const auto* bad : {"nonsense", "[]", R"({"presence":7})", "{\"type\":", ""}) {
    server.send_frame(bad);
  }
  server.send_frame(presence_text(2, 5), net::http::ws::Kind::binary);
  EXPECT_EQ(link->counters().malformed, 5u);
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, a_giant_frame_ends_the_connection_and_the_next_try_comes_later_each_time) {
  link->start();
  const std::string giant(limits::frame_bytes + 1, 'x');
  for (int i = 0; i < 8; ++i) {
    pass(limits::back_off_most + 1s);
    if (server.sockets.empty()) continue;
    server.sockets.back()->abort();
  }
  pass(limits::back_off_most + 1s);
  ASSERT_EQ(phase(), Phase::socket);
  const auto before = link->counters().sockets;
  auto sending = server.sockets.back()->send(net::http::ws::Kind::text, as_bytes(giant));
  rt.wait(attempt(std::move(sending)));
  pass(100ms);
  EXPECT_NE(phase(), Phase::socket);
  pass(limits::back_off_most + 1s);
  EXPECT_EQ(link->counters().sockets, before + 1);
  EXPECT_TRUE(heard.empty());
}

TEST_F(LinkTest, a_giant_event_ends_the_stream) {
  server.socket_status = 404;
  server.probes = false;
  link->start();
  pass(1s);
  server.send_text("data: " + std::string(net::http::limits::sse_event_bytes, 'x') + "\n\n");
  pass(2s);
  EXPECT_EQ(server.events_asked, 2);
}

TEST_F(LinkTest, a_flood_is_held_back_at_its_sender) {
  link->start();
  pass(1s);
  Bytes frames;
  const auto one = net::http::ws::encode(net::http::ws::Kind::text, as_bytes(presence_text(2, 5)));
  const auto burst = static_cast<std::size_t>(limits::message_burst);
  for (std::size_t i = 0; i < 1000; ++i) append(frames, one);
  const auto flood = [](net::http::WebSocket& socket, const Bytes& part) -> Task<> {
    for (int i = 0; i < 100; ++i) {
      const BytesView view = part;
      co_await socket.send_encoded(std::span(&view, 1));
    }
  };
  sim::SimScope flooding(rt);
  flooding.spawn(flood(*server.sockets.front(), frames), [](const std::optional<Error>&) {});
  pass(3s);
  EXPECT_GE(heard.size(), burst);
  EXPECT_LE(heard.size(), burst + 4 * static_cast<std::size_t>(limits::message_rate));
  EXPECT_GT(link->counters().held_back, 0u);
}

TEST_F(LinkTest, what_cannot_be_taken_now_is_taken_later_in_its_order) {
  link->start();
  pass(1s);
  busy = true;
  server.say(presence_text(2, 5));
  server.say(presence_text(3, 5));
  pass(5s);
  EXPECT_TRUE(heard.empty());
  EXPECT_GT(link->counters().held_back, 0u);
  busy = false;
  pass(limits::busy_pause);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].presence.peer, id_of(2));
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, stops_while_a_flood_is_held_back) {
  link->start();
  pass(1s);
  const auto garbage = net::http::ws::encode(net::http::ws::Kind::text, as_bytes("x"));
  Bytes frames;
  const auto many = static_cast<std::size_t>(limits::message_burst / limits::garbage_cost) + 1'000;
  for (std::size_t i = 0; i < many; ++i) append(frames, garbage);
  const BytesView view = frames;
  rt.wait(server.sockets.front()->send_encoded(std::span(&view, 1)));
  pass(100ms);
  EXPECT_GT(link->counters().held_back, 0u);
  rt.wait(link->stop(Deadline::after(rt.now(), 1s)));
  EXPECT_EQ(phase(), Phase::stopped);
}

}  // namespace
}  // namespace goop::peer::links
