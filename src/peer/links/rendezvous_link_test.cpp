// One link against a server that does as it is told, in virtual time: how it comes in, what it
// hears, how it takes its leave.
#include "peer/links/rendezvous_link.h"

#include "peer/links/scripted_server_test_kit.h"

namespace goop::peer::links {
namespace {

using wire::PresenceType;

TEST_F(LinkTest, opens_a_socket_and_hears_and_speaks_over_it) {
  say("first");
  link->start();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_TRUE(link->delta());
  EXPECT_EQ(server.frames, std::vector<std::string>{"first"});
  EXPECT_EQ(wanted, 0);
  server.say(presence_text(2, 5));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].presence.peer, id_of(2));
  EXPECT_EQ(servers[0].url, "http://town.example");
  say("second");
  pass(1s);
  EXPECT_EQ(server.frames.size(), 2u);
  EXPECT_TRUE(server.published.empty());
  EXPECT_EQ(server.events_asked, 0);
}

TEST_F(LinkTest, tells_whether_a_server_that_registers_vouches_for_the_peer) {
  server.offers_registration = true;
  link->start();
  pass(1s);
  auto text = presence_text(2, 5);
  server.say(text);
  text.insert(text.size() - 1, R"(,"verified":true)");
  server.say(text);
  pass(1s);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_FALSE(heard[0].verified);
  EXPECT_TRUE(heard[1].verified);
}

TEST_F(LinkTest, works_with_a_server_that_knows_no_subprotocol) {
  server.delta = false;
  link->start();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_FALSE(link->delta());
  server.say(presence_text(2, 5));
  EXPECT_EQ(heard.size(), 1u);
  pass(1min);
  EXPECT_TRUE(still_here.empty());
}

TEST_F(LinkTest, asks_for_a_fresh_message_where_it_has_none_to_prove_its_socket_with) {
  link->start();
  pass(1s);
  EXPECT_EQ(wanted, 1);
}

TEST_F(LinkTest, publishes_first_where_it_is_too_early) {
  server.early = true;
  say("first");
  link->start();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.published, std::vector<std::string>{"first"});
  EXPECT_EQ(server.sockets_asked, 2);
  EXPECT_EQ(wanted, 1);
}

TEST_F(LinkTest, who_was_kicked_is_introduced_by_something_new) {
  server.early = true;
  say("first");
  link->start();
  pass(1s);
  when_wanted = [this] { say("second"); };
  server.kick();
  pass(1s);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.published, (std::vector<std::string>{"first", "first", "second"}));
}

TEST_F(LinkTest, who_does_not_appear_listens_without_being_introduced) {
  server.early = true;
  link->start();
  pass(limits::introduce_time + 1s);
  EXPECT_EQ(phase(), Phase::events);
  pass(40s);
  EXPECT_EQ(phase(), Phase::events);
  EXPECT_TRUE(server.published.empty());
  say("now I do");
  pass(limits::probe_every + 1s);
  EXPECT_EQ(phase(), Phase::socket);
}

TEST_F(LinkTest, listens_and_says_why_it_is_not_shown_until_it_has_registered) {
  server.early = server.registers = true;
  say("first");
  link->start();
  pass(1s);
  EXPECT_EQ(phase(), Phase::events);
  EXPECT_EQ(link->status().error, "not shown to others: register at http://town.example/register");
  EXPECT_EQ(server.sockets_asked, 1);
  server.say(presence_text(2, 5));
  EXPECT_EQ(heard.size(), 1u);
  say("second");
  pass(1s);
  EXPECT_EQ(server.published, (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(link->status().error, "not shown to others: register at http://town.example/register");
  server.registers = false;
  say("with a token");
  pass(limits::probe_every);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(link->status().error, "");
}

struct WithoutSockets : LinkTest, ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Answers, WithoutSockets, ::testing::Values(200, 403, 404, 501));
TEST_P(WithoutSockets, falls_back_to_events_and_returns_when_sockets_work) {
  server.socket_status = GetParam();
  server.probes = false;
  say("first");
  link->start();
  pass(1s);
  EXPECT_EQ(phase(), Phase::events);
  EXPECT_EQ(server.published, std::vector<std::string>{"first"});
  server.say(presence_text(2, 5));
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(server.probes_asked, 0);
  pass(limits::first_probe);
  EXPECT_EQ(server.probes_asked, 1);
  pass(50s);
  EXPECT_EQ(server.probes_asked, 6);
  EXPECT_EQ(server.sockets_asked, 1);  // a probe that fails costs no more
  server.socket_status = 0;
  server.probes = true;
  pass(limits::probe_every);
  EXPECT_EQ(phase(), Phase::socket);
  EXPECT_EQ(server.events_asked, 1);
  say("second");
  pass(1s);
  EXPECT_EQ(server.frames, std::vector<std::string>{"second"});
}

TEST_F(LinkTest, keeps_its_stream_where_a_probe_works_but_the_socket_does_not) {
  server.socket_status = 403;
  say("hello");
  link->start();
  pass(59s);
  EXPECT_EQ(phase(), Phase::events);
  EXPECT_EQ(server.probes_asked, 6);
  EXPECT_EQ(server.sockets_asked, 7);
  EXPECT_EQ(server.events_asked, 1);
  say("still here");
  pass(1s);
  EXPECT_EQ(server.published.size(), 2u);
}

TEST_F(LinkTest, an_old_stream_is_no_delta_stream) {
  server.socket_status = 404;
  server.delta = false;
  link->start();
  pass(1s);
  server.say(presence_text(2, 5));
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_FALSE(link->delta());
}

TEST_F(LinkTest, reminds_of_quiet_peers_and_tells_who_a_snapshot_leaves_out) {
  link->start();
  pass(1s);
  server.mark("snapshot");
  server.say(presence_text(2, 5));
  server.say(presence_text(3, 5));
  server.mark("ready", "B-2");
  EXPECT_TRUE(link->lists(id_of(2)));
  pass(limits::remind_every);
  EXPECT_EQ(still_here.size(), 2u);
  server.say(presence_text(3, 6, PresenceType::offline), "B-3");
  EXPECT_EQ(gone, std::vector{id_of(3)});  // the server's own word
  pass(limits::remind_every);
  EXPECT_EQ(still_here, std::vector{id_of(2)});
  server.mark("gap");
  server.mark("snapshot");
  server.mark("ready", "B-9");
  EXPECT_EQ(gone, std::vector{id_of(2)});
}

TEST_F(LinkTest, resumes_where_it_broke_off_unless_that_is_long_ago) {
  link->start();
  pass(1s);
  server.mark("snapshot");
  server.mark("ready", "B-2");
  server.say(presence_text(2, 5), "B-3");
  server.hang_up();
  pass(2s);
  EXPECT_EQ(server.resumed_from, (std::vector<std::string>{"", "B-3"}));
  still_here.clear();
  server.mark("ready", "B-3");
  EXPECT_EQ(still_here, std::vector{id_of(2)});
  pass(limits::settled_after);
  server.shut();
  pass(limits::resume_within + 30s);
  server.open();
  pass(31s);
  EXPECT_EQ(server.resumed_from.back(), "");
}

TEST_F(LinkTest, resumes_an_event_stream_too) {
  server.socket_status = 404;
  link->start();
  pass(1s);
  server.mark("snapshot");
  server.mark("ready", "B-2");
  EXPECT_TRUE(link->delta());
  server.say(presence_text(2, 5), "B-3");
  server.hang_up();
  pass(2s);
  EXPECT_EQ(server.resumed_from.back(), "B-3");
  server.say(presence_text(3, 5), "B-4");
  EXPECT_TRUE(link->lists(id_of(3)));
}

TEST_F(LinkTest, the_last_word_is_out_before_it_stops) {
  link->start();
  say("hello");
  pass(1min);
  say("bye", PresenceType::offline);
  const auto since = rt.now();
  rt.wait(link->flush(Deadline::after(rt.now(), 1s)));
  rt.wait(link->stop(Deadline::after(rt.now(), 1s)));
  EXPECT_LE(rt.now() - since, 200ms);
  pass(10ms);
  EXPECT_EQ(server.frames.back(), "bye");
  EXPECT_EQ(server.closed, 1);
  EXPECT_EQ(phase(), Phase::stopped);
}

TEST_F(LinkTest, the_last_word_goes_out_without_a_socket_too) {
  server.socket_status = 404;
  link->start();
  say("hello");
  pass(1min);
  say("bye", PresenceType::offline);
  rt.wait(link->flush(Deadline::after(rt.now(), 1s)));
  EXPECT_EQ(server.published.back(), "bye");
}

TEST_F(LinkTest, a_link_that_just_broke_is_tried_once_for_the_last_word) {
  link->start();
  say("hello");
  pass(1min);
  say("heartbeat");
  pass(1s);
  server.socket_status = 503;
  server.retry_after = "60";
  server.hang_up();
  pass(1s);
  EXPECT_EQ(phase(), Phase::waiting);
  say("bye", PresenceType::offline);
  rt.wait(link->flush(Deadline::after(rt.now(), 1s)));
  EXPECT_EQ(server.published, std::vector<std::string>{"bye"});
}

TEST_F(LinkTest, a_server_that_never_was_there_delays_no_stop) {
  internet.partition(here, there);
  link->start();
  say("hello");
  pass(1min);
  say("bye", PresenceType::offline);
  const auto since = rt.now();
  rt.wait(link->flush(Deadline::after(rt.now(), 1s)));
  rt.wait(link->stop(Deadline::after(rt.now(), 1s)));
  EXPECT_EQ(rt.now(), since);
}

struct Somewhere : LinkTest {
  Somewhere() : LinkTest("http://198.51.100.7/base/") {}
};
TEST_F(Somewhere, an_address_with_a_path_and_without_a_name_works) {
  server.refusal = "no such page";
  link->start();
  pass(1s);
  // The scripted server has its routes elsewhere: everything is 404.
  EXPECT_EQ(phase(), Phase::waiting);
  EXPECT_NE(link->status().error.find("404 no such page"), std::string::npos);
  EXPECT_EQ(link->status().url, "http://198.51.100.7/base");
}

}  // namespace
}  // namespace goop::peer::links
