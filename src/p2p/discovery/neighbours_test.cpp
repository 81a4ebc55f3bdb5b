#include "p2p/discovery/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/discovery/dns_test_kit.h"

namespace goop::p2p::discovery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class NeighboursTest : public testing::Test {
 protected:
  void hear(const PeerId& peer, std::string_view address, std::string_view instance = "bob") {
    neighbours.heard({.instance = kit::names(instance).instance,
                      .life = 3200s,
                      .peer = peer,
                      .addresses = {kit::addr(address)}},
                     lan, now);
  }
  std::size_t reports() { return neighbours.take_reports().size(); }
  void pass(Duration span) {
    now += span;
    neighbours.on_tick(now);
  }
  auto known() const { return neighbours.known_on(lan, kit::names().service, now); }

  const PeerId bob = kit::peer(kit::bob);
  Neighbours neighbours;
  Instant now = Instant{} + 1h;
  unsigned lan = 2;
};

TEST_F(NeighboursTest, a_new_peer_is_reported_at_once) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  const auto told = neighbours.take_reports();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].peer, bob);
  EXPECT_THAT(told[0].addresses, ElementsAre(kit::addr("/ip4/10.0.0.1/tcp/1")));
}

TEST_F(NeighboursTest, who_was_lost_is_not_known_any_more_and_is_missed_until_it_is_heard) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  reports();
  EXPECT_TRUE(neighbours.lost(bob, now));
  EXPECT_THAT(known(), IsEmpty());
  EXPECT_TRUE(neighbours.misses_any(now));
  hear(bob, "/ip4/10.0.0.1/tcp/1");  // is news at once
  EXPECT_EQ(reports(), 1u);
  EXPECT_FALSE(neighbours.misses_any(now));
  EXPECT_THAT(known(), SizeIs(1));
}

TEST_F(NeighboursTest, nobody_is_missed_for_ever_or_after_a_goodbye) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  neighbours.lost(bob, now);
  now += limits::mdns_missed_life;
  EXPECT_FALSE(neighbours.misses_any(now));
  neighbours.lost(bob, now);
  neighbours.gone(kit::names("bob").instance);
  EXPECT_FALSE(neighbours.misses_any(now));
  EXPECT_FALSE(neighbours.lost(kit::peer(kit::alice), now));
}

TEST_F(NeighboursTest, an_unchanged_peer_is_reported_every_ten_seconds_at_most) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  EXPECT_EQ(reports(), 1u);
  now += limits::mdns_report_gap - 1ns;
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  EXPECT_EQ(reports(), 0u);
  now += 1ns;
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  EXPECT_EQ(reports(), 1u);
}

TEST_F(NeighboursTest, changed_addresses_are_reported_at_once) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  hear(bob, "/ip4/10.0.0.1/tcp/2");
  EXPECT_EQ(reports(), 2u);
}

TEST_F(NeighboursTest, a_peer_that_started_again_is_reported_when_its_ten_seconds_are_over) {
  hear(bob, "/ip4/10.0.0.1/tcp/1", "bob");
  EXPECT_EQ(reports(), 1u);
  now += 1s;
  hear(bob, "/ip4/10.0.0.1/tcp/1", "bob-again");
  EXPECT_EQ(reports(), 0u);
  EXPECT_EQ(neighbours.next(), now - 1s + limits::mdns_report_gap);
  pass(9s);
  EXPECT_EQ(reports(), 1u);
  EXPECT_EQ(neighbours.next(), Instant::max());
}

TEST_F(NeighboursTest, a_flood_of_peers_is_reported_within_the_rate) {
  const auto burst = static_cast<std::size_t>(limits::mdns_report_burst);
  for (std::size_t i = 0; i < burst + 100; ++i) hear(kit::somebody(i), "/ip4/10.0.0.1/tcp/1");
  EXPECT_EQ(reports(), burst);
  EXPECT_GT(neighbours.next(), now);
  pass(1s);
  EXPECT_LE(reports(), static_cast<std::size_t>(limits::mdns_report_rate));
  pass(10s);
  pass(10s);
  EXPECT_EQ(neighbours.next(), Instant::max());  // nothing is owed for ever
}

TEST_F(NeighboursTest, the_peer_unheard_for_longest_makes_room) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  now += 1s;
  for (std::size_t i = 0; i < limits::mdns_peers; ++i)
    hear(kit::somebody(i), "/ip4/10.0.0.1/tcp/1", fmt::format("p{}", i));
  EXPECT_EQ(neighbours.size(), limits::mdns_peers);
  const auto names = known();
  EXPECT_THAT(names, SizeIs(limits::mdns_peers));
  for (const auto& record : names)
    EXPECT_NE(std::get<Pointer>(record.data).target, kit::names("bob").instance);
}

TEST_F(NeighboursTest, known_names_are_listed_for_the_first_half_of_their_life) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  const auto target = Pointer{kit::names("bob").instance};
  EXPECT_THAT(known(), ElementsAre(Record{kit::names().service, target, 3200}));
  now += 1600s;
  EXPECT_THAT(known(), ElementsAre(Record{kit::names().service, target, 1600}));
  now += 1s;
  EXPECT_THAT(known(), IsEmpty());
}

TEST_F(NeighboursTest, names_are_known_on_the_network_where_they_were_heard) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  EXPECT_THAT(neighbours.known_on(lan + 1, kit::names().service, now), IsEmpty());
  neighbours.forget_known_on(lan + 1);
  EXPECT_THAT(known(), SizeIs(1));
  neighbours.forget_known_on(lan);
  EXPECT_THAT(known(), IsEmpty());
}

TEST_F(NeighboursTest, a_goodbye_makes_a_name_unknown_but_no_report) {
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  reports();
  neighbours.gone(kit::names("bob").instance);
  EXPECT_THAT(known(), IsEmpty());
  hear(bob, "/ip4/10.0.0.1/tcp/1");
  EXPECT_EQ(reports(), 0u);
  EXPECT_THAT(known(), SizeIs(1));
}

}  // namespace
}  // namespace goop::p2p::discovery
