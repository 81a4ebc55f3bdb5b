// What goes wrong in a network is over when it is over: peers see each other again by themselves.
#include <gtest/gtest.h>

#include "tests/sim/peer_world.h"

namespace goop::sim {
namespace {

constexpr Duration soon = 10s;  // "again within ten seconds"

class Recovery : public ::testing::Test {
 protected:
  // So many peers on one network without a server, who see each other.
  void meet(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) world.add_peer(home);
    world.rt.run_for(10s);
    ASSERT_EQ(world.unseen(), "");
  }
  void outage(Duration span) {
    world.begin_outage(home);
    world.rt.run_for(span);
    world.end_outage(home);
    world.rt.run_for(soon);
  }

  PeerWorld world;
  std::size_t home = world.add_lan("10.1.0");
};

TEST_F(Recovery, after_an_outage_of_any_length_neighbours_see_each_other_within_ten_seconds) {
  meet(2);
  for (const Duration span : {30s, 45s, 61s, 97s, 541s, 3000s}) {
    outage(span);
    EXPECT_EQ(world.unseen(), "") << span.count() / 1'000'000'000 << " s";
    EXPECT_TRUE(world.connected(0, 1));
    world.rt.run_for(3min);
  }
}

TEST_F(Recovery, a_class_sees_each_other_after_an_outage) {
  meet(12);
  outage(30s);
  EXPECT_EQ(world.unseen(), "");
}

TEST_F(Recovery, one_that_was_cut_off_alone_is_seen_again) {
  meet(4);
  for (std::size_t i = 1; i < 4; ++i) world.begin_outage(0, i);
  world.rt.run_for(10min);
  EXPECT_FALSE(world.sees(0, 1));
  EXPECT_TRUE(world.sees(1, 2));
  for (std::size_t i = 1; i < 4; ++i) world.end_outage(0, i);
  world.rt.run_for(soon);
  EXPECT_EQ(world.unseen(), "");
}

TEST_F(Recovery, when_all_change_their_address_at_once_they_find_each_other_again) {
  meet(3);
  for (std::size_t i = 0; i < 3; ++i) world.move(i);
  world.rt.run_for(soon);
  EXPECT_EQ(world.unseen(), "");
  for (std::size_t i = 1; i < 3; ++i) EXPECT_TRUE(world.connected(0, i)) << i;
}

TEST_F(Recovery, who_changed_its_address_during_an_outage_is_found) {
  meet(2);
  world.begin_outage(home);
  world.rt.run_for(1min);
  world.move(0);
  world.move(1);
  world.rt.run_for(1min);
  world.end_outage(home);
  world.rt.run_for(soon);
  EXPECT_EQ(world.unseen(), "");
}

TEST_F(Recovery, who_crashed_and_starts_again_is_seen) {
  meet(3);
  world.crash(1);
  world.rt.run_for(30s);
  EXPECT_FALSE(world.sees(0, 1));
  world.start(1);
  world.rt.run_for(soon);
  EXPECT_EQ(world.unseen(), "");
}

TEST_F(Recovery, who_said_goodbye_is_not_dialled) {
  meet(2);
  world.stop(1);
  const auto dials = world[0].host().counters().dials;
  world.rt.run_for(20min);
  EXPECT_EQ(world[0].host().counters().dials, dials);
}

TEST_F(Recovery, nothing_is_dialled_for_ever_for_one_that_stays_away) {
  meet(2);
  world.crash(1);
  world.rt.run_for(30min);
  const auto dials = world[0].host().counters().dials;
  world.rt.run_for(1h);
  EXPECT_LE(world[0].host().counters().dials, dials + 1);
}

TEST_F(Recovery, a_network_of_public_addresses_is_a_local_network) {
  const auto office = world.add_lan("8.8.4");
  const auto a = world.add_peer(office), b = world.add_peer(office);
  world.rt.run_for(5s);
  EXPECT_TRUE(world.sees(a, b));
  EXPECT_TRUE(world.connected(a, b));
  world.begin_outage(office);
  world.rt.run_for(30s);
  world.end_outage(office);
  world.rt.run_for(soon);
  EXPECT_TRUE(world.sees(a, b));
}

// --- clocks ---

bool sees_signed(PeerWorld& world, std::size_t viewer, std::size_t other) {
  const auto* row = world[viewer].presence().find(world.id(other));
  return row != nullptr && row->online && row->proof == peer::presence::Proof::signature &&
         row->is_known_by(peer::presence::Channel::gossip);
}

TEST_F(Recovery, a_clock_that_was_two_hours_ahead_for_five_seconds_locks_nobody_out) {
  meet(3);
  world.set_clock(1, 2h);
  world.rt.run_for(5s);
  world.set_clock(1, 0ms);
  world.rt.run_for(1min);
  for (const std::size_t other : {0u, 2u}) {
    EXPECT_TRUE(sees_signed(world, other, 1));
    EXPECT_TRUE(sees_signed(world, 1, other));
  }
}

TEST_F(Recovery, nor_does_it_across_restarts_of_either_side) {
  meet(2);
  world.set_clock(1, 2h);
  world.rt.run_for(5s);
  world.stop(1);
  world.start(1);
  world.rt.run_for(5s);
  world.stop(0);
  world.stop(1);
  world.set_clock(1, 0ms);
  world.start(0);
  world.start(1);
  world.rt.run_for(30s);
  EXPECT_TRUE(sees_signed(world, 0, 1));
  EXPECT_TRUE(sees_signed(world, 1, 0));
}

TEST_F(Recovery, a_class_whose_clocks_were_all_wrong_is_signed_again_when_they_are_right) {
  for (std::size_t i = 0; i < 3; ++i) {
    world.add_peer(home);
    world.set_clock(i, 2h);
  }
  world.rt.run_for(1min);
  EXPECT_TRUE(sees_signed(world, 0, 1));
  for (std::size_t i = 0; i < 3; ++i) world.set_clock(i, 0ms);
  world.rt.run_for(1min);
  EXPECT_TRUE(sees_signed(world, 0, 1));
  EXPECT_TRUE(sees_signed(world, 2, 1));
}

TEST_F(Recovery, a_server_takes_us_again_as_soon_as_the_clock_is_right) {
  world.open_town();
  meet(1);
  world.set_clock(0, 2h);
  world.rt.run_for(10s);
  EXPECT_TRUE(world[0].links().status()[0].clock_ahead);
  world.set_clock(0, 0ms);
  world.rt.run_for(15s);
  EXPECT_FALSE(world[0].links().status()[0].clock_ahead);
  EXPECT_EQ(world[0].links().status()[0].error, "");
}

// --- the same folder on two computers ---

TEST_F(Recovery, twins_on_one_network_are_told_where_the_other_is) {
  meet(2);
  const auto twin = world.add_twin(0, home);
  world.rt.run_for(10s);
  ASSERT_TRUE(world[0].presence().twin());
  EXPECT_EQ(world[0].presence().twin()->where, "10.1.0.3");
  ASSERT_TRUE(world[twin].presence().twin());
  EXPECT_EQ(world[twin].presence().twin()->where, "10.1.0.1");
  EXPECT_FALSE(world[1].presence().twin());
}

TEST_F(Recovery, twins_at_one_server_do_not_throw_each_other_out_for_ever) {
  world.open_town();
  const auto away = world.add_lan("10.2.0");
  meet(1);
  const auto twin = world.add_twin(0, away);
  const auto sockets = [&] {
    return world[0].links().all()[0]->counters().sockets +
           world[twin].links().all()[0]->counters().sockets;
  };
  world.rt.run_for(40s);
  EXPECT_LE(sockets(), 4u);
  world.rt.run_for(1h);
  EXPECT_LE(sockets(), 40u);
}

TEST_F(Recovery, a_twin_that_stopped_is_forgotten_and_we_are_at_the_server_again) {
  world.open_town();
  const auto away = world.add_lan("10.2.0");
  meet(1);
  const auto other = world.add_peer(away);
  const auto twin = world.add_twin(0, away);
  world.rt.run_for(2min);
  world.stop(twin);
  world.rt.run_for(11min);
  EXPECT_FALSE(world[0].presence().twin());
  EXPECT_TRUE(world.sees(other, 0));
  EXPECT_EQ(world[0].links().status()[0].error, "");
}

}  // namespace
}  // namespace goop::sim
