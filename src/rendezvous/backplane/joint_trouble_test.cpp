// Several servers on a bus that loses, delays and breaks, in virtual time.
#include "rendezvous/backplane/joint_test_kit.h"

namespace goop::rendezvous::backplane {
namespace {

TEST_F(Joined, nats_may_be_away_for_a_while) {
  crowd(60);
  pass(1min);
  kill_bus();
  pass(30s);  // longer than the TTL
  EXPECT_TRUE(all_see_all());
  revive_bus();
  pass(2s);
  EXPECT_TRUE(all_whole());
  pass(1min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty()) << flaps.front();
}

TEST_F(Joined, what_happened_while_nats_was_away_is_made_good_at_once) {
  crowd(30);
  pass(1min);
  kill_bus();
  say_goodbye(citizens[0]);
  citizens[1].who.label = "changed";
  auto& newcomer = settle(0);
  pass(10s);
  revive_bus();
  pass(1s);
  EXPECT_EQ(seen(citizens[0]), 0u);
  EXPECT_EQ(seen(newcomer), 3u);
  for (auto& station : stations) {
    EXPECT_EQ(station->board.find(citizens[1].who.id)->message->presence.label, "changed");
  }
}

TEST_F(Joined, when_nats_stays_away_the_others_peers_end_after_twice_the_ttl) {
  crowd(9);
  pass(1min);
  kill_bus();
  for (auto& citizen : citizens) citizen.speaks = citizen.at == 0;
  pass(35s);
  EXPECT_EQ(stations[0]->board.size(), 9u);
  pass(12s);
  EXPECT_EQ(stations[0]->board.size(), 3u);
  EXPECT_TRUE(flaps.size() == 6u);  // those of server 0, at the two others
}

TEST_F(Joined, a_peer_that_changes_its_server_while_nats_is_away_does_not_flap) {
  auto& nora = settle(0);
  pass(1min);
  kill_bus();
  move(nora, 1, 2s);
  pass(15s);
  revive_bus();
  pass(1min);
  EXPECT_EQ(seen(nora), 3u);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, who_was_killed_while_nats_was_away_is_gone_two_heartbeats_after_it_is_back) {
  for (const auto away : {1s, 3s, 8s, 15s}) {
    auto& nora = settle(0);
    pass(30s);
    kill_bus();
    pass(1s);
    nora.speaks = false;
    lose_socket(nora);
    pass(away);
    revive_bus();
    pass(2 * heartbeat);
    EXPECT_EQ(seen(nora), 0u) << away.count();
  }
}

TEST_F(Joined, a_bus_that_comes_and_goes_keeps_nobody_for_ever) {
  auto& nora = settle(0);
  pass(1min);
  nora.speaks = false;
  stations[0]->alive = false;
  for (int i = 0; i < 30; ++i) {
    kill_bus();
    pass(1s);
    revive_bus();
    pass(1s);
  }
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, one_server_cut_off_alone_comes_back_whole) {
  crowd(30);
  pass(1min);
  leave_bus(*stations[2]);
  pass(15s);
  join_bus(*stations[2]);
  pass(1s);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, loss_and_delay_cost_questions_and_nobody_flaps) {
  loss_percent = 20;
  delay = 300ms;
  crowd(40);
  pass(1min);
  flaps.clear();
  EXPECT_TRUE(all_see_all());
  for (int i = 0; i < 20; ++i) {
    auto& citizen = citizens[static_cast<std::size_t>(i)];
    citizen.who.label = fmt::format("Nora {}", i);
    pass(5s);
  }
  EXPECT_TRUE(flaps.empty()) << flaps.front();
  EXPECT_GT(stations[0]->joint.counters().asked, 0u);
  loss_percent = 0;
  pass(20s);
  EXPECT_TRUE(all_whole());
  for (auto& station : stations) {
    for (int i = 0; i < 20; ++i) {
      const auto* row = station->board.find(citizens[static_cast<std::size_t>(i)].who.id);
      EXPECT_EQ(row->message->presence.label, fmt::format("Nora {}", i));
    }
  }
}

}  // namespace
}  // namespace goop::rendezvous::backplane
