// Several servers, one board, in virtual time: the ordinary day, comings and goings.
#include "rendezvous/backplane/joint_test_kit.h"

namespace goop::rendezvous::backplane {
namespace {

// --- the ordinary day ---

TEST_F(Joined, every_server_shows_every_peer) {
  crowd(60);
  pass(heartbeat + 1s);
  EXPECT_TRUE(all_see_all());
  pass(2min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(all_whole());
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, heartbeats_do_not_cross_one_by_one) {
  crowd(30);
  pass(10s);
  std::size_t frames = 0, bytes = 0;
  tap = [&](const Bytes& frame) {
    ++frames;
    bytes += frame.size();
  };
  pass(60s);
  EXPECT_LT(frames, 3 * 60 / 3 + 60u);  // pulses, and the newest message of each once
  EXPECT_LT(bytes, 30 * 1'200u);        // 12 heartbeats of each would be ten times that
}

TEST_F(Joined, a_message_is_passed_on_as_it_was_signed) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  const auto& there = *stations[0]->board.find(nora.who.id)->message;
  for (std::size_t i = 1; i < 3; ++i) {
    const auto* row = stations[i]->board.find(nora.who.id);
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->is_signed);
    EXPECT_TRUE(wire::check_signature(*row->message));
    EXPECT_EQ(row->message->presence.label, there.presence.label);
    EXPECT_EQ(row->address, address);
  }
}

TEST_F(Joined, a_change_and_a_goodbye_cross_at_once) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  nora.who.label = "Nora the second";
  nora.next = now;
  pass(150ms);
  EXPECT_EQ(stations[2]->board.find(nora.who.id)->message->presence.label, "Nora the second");
  say_goodbye(nora);
  pass(150ms);
  EXPECT_EQ(seen(nora), 0u);
  pass(1min);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_goodbye_said_to_another_server_ends_the_peer_everywhere) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  nora.at = 1;
  say_goodbye(nora);
  pass(150ms);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, peers_that_do_not_sign_are_seen_everywhere_too) {
  auto& bob = settle(0);
  bob.is_signed = bob.socket = false;
  pass(heartbeat + 1s);
  EXPECT_EQ(seen(bob), 3u);
  pass(5min);
  EXPECT_EQ(seen(bob), 3u);
  EXPECT_TRUE(flaps.empty());
  say_goodbye(bob);
  pass(150ms);
  EXPECT_EQ(seen(bob), 0u);
}

TEST_F(Joined, a_silent_peer_ends_everywhere) {
  auto& nora = settle(0);
  nora.socket = false;
  pass(heartbeat + 1s);
  nora.speaks = false;
  pass(20s);
  EXPECT_GE(seen(nora), 1u);
  pass(20s);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_peer_with_two_servers_is_kept_by_either) {
  auto& nora = settle(0);
  auto& twin = settle(1);
  twin.who = nora.who;  // the same key
  twin.who.clock_off = 1ms;
  pass(1min);
  lose_socket(nora);
  nora.speaks = false;
  pass(1min);
  EXPECT_EQ(seen(twin), 3u);
  stations[0]->alive = false;
  pass(1min);
  EXPECT_EQ(seen(twin), 2u);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, a_meeting_comes_after_the_news_of_who_shall_meet) {
  auto& nora = settle(0);
  nora.next = now;
  stations[0]->joint.meet({nora.who.id, {}});
  pass(100ms);
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_TRUE(stations[i]->board.find(nora.who.id));
    EXPECT_EQ(stations[i]->joint.met(), (std::vector{Meet{nora.who.id, {}}}));
    EXPECT_TRUE(stations[i]->joint.met().empty());
  }
}

TEST_F(Joined, meetings_that_wait_are_bounded) {
  for (std::size_t i = 0; i < limits::meetings + 10; ++i) stations[0]->joint.meet({});
  EXPECT_EQ(stations[0]->joint.send(now).size(), limits::meetings + 1);  // and a pulse
  kill_bus();
  stations[0]->joint.meet({});
  revive_bus();
  EXPECT_EQ(stations[0]->joint.send(now).size(), 1u);  // of an hour ago, they are no use
}

// --- comings and goings ---

TEST_F(Joined, a_latecomer_learns_the_whole_board_at_once) {
  crowd(60);
  pass(1min);
  auto& late = add();
  pass(500ms);
  EXPECT_EQ(late.board.size(), 60u);
  EXPECT_TRUE(late.joint.whole());
}

TEST_F(Joined, who_loses_its_socket_here_and_is_elsewhere_by_now_does_not_flap) {
  auto& nora = settle(0);
  pass(1min);
  move(nora, 1, 4s);  // within the grace
  pass(2min);
  EXPECT_EQ(seen(nora), 3u);
  EXPECT_TRUE(flaps.empty());
  // The other way round: the new socket comes first, the old one breaks a minute later.
  stations[1]->board.release(nora.who.id, now);
  nora.at = 2;
  speak(nora);
  pass(50s);
  stations[2]->board.hold(nora.who.id);
  pass(1min);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, when_a_server_dies_its_peers_that_come_back_do_not_flap) {
  crowd(60);
  pass(1min);
  kill(0);
  pass(2min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(all_whole());
  EXPECT_TRUE(flaps.empty()) << flaps.front();
  EXPECT_EQ(stations[1]->joint.servers(), 1u);
}

TEST_F(Joined, when_a_server_dies_its_peers_that_do_not_come_back_end_with_their_ttl) {
  auto& nora = settle(0);
  pass(1min);
  nora.speaks = false;
  stations[0]->alive = false;
  pass(15s);
  EXPECT_EQ(seen(nora), 2u);
  pass(6s);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_longer_ttl_that_a_peer_has_signed_counts_everywhere) {
  auto& nora = settle(0);
  nora.socket = false;
  nora.who.ttl = 1min;
  pass(heartbeat + 1s);
  nora.speaks = false;
  stations[0]->alive = false;
  pass(50s);
  EXPECT_EQ(seen(nora), 2u);
  pass(15s);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_server_that_stops_says_so) {
  crowd(30);
  pass(1min);
  send(stations[0].get(), stations[0]->joint.farewell());
  kill(0);
  pass(100ms);
  EXPECT_EQ(stations[1]->joint.servers(), 1u);
  pass(1min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty());
}

// --- caps ---

TEST_F(Joined, listens_to_a_bounded_number_of_servers) {
  for (ServerId id = 1'000; id < 1'000 + limits::servers + 5; ++id) inject({id, Pulse{}});
  pass(100ms);
  EXPECT_EQ(stations[0]->joint.servers(), limits::servers);
  EXPECT_GE(stations[0]->joint.counters().strangers, 5u);
  pass(30s);  // they were silent since
  EXPECT_EQ(stations[0]->joint.servers(), 2u);
  EXPECT_TRUE(all_whole());
}

}  // namespace
}  // namespace goop::rendezvous::backplane
