#include "p2p/swarm/observed_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct ObservedAddressesTest : testing::Test {
  Result<void> see(std::string_view observed, std::string_view from, Instant when = at(0s),
                   std::string_view local = "/ip4/192.168.1.5/tcp/4001") {
    return seen.add(
        {.observed = addr(observed),
         .remote = addr(fmt::format("/ip{}/{}/tcp/9", from.contains(':') ? 6 : 4, from)),
         .local = addr(local)},
        listeners, when);
  }
  // Votes of `count` observers in different places.
  void crowd(std::string_view observed, std::size_t count, std::size_t first = 1) {
    for (std::size_t i = first; i < first + count; ++i) {
      EXPECT_TRUE(see(observed, fmt::format("9.{}.{}.1", i / 256, i % 256)));
    }
  }

  std::vector<net::Endpoint> listeners{{ip("0.0.0.0"), 4001}, {ip("::"), 4001}};
  ObservedAddresses seen;
};

constexpr auto ours = "/ip4/8.8.8.8/tcp/4001";

TEST_F(ObservedAddressesTest, an_address_is_ours_when_four_observers_agree) {
  crowd(ours, limits::observers_needed - 1);
  EXPECT_THAT(seen.ours(at(0s)), IsEmpty());
  crowd(ours, limits::observers_needed);
  EXPECT_THAT(seen.ours(at(0s)), ElementsAre(addr(ours)));
}

TEST_F(ObservedAddressesTest, attack_observed_address_poisoning_one_place_has_one_vote) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(see("/ip4/9.9.9.9/tcp/80", "9.0.0.1"));
  EXPECT_EQ(seen.size(), 1u);
  for (int i = 0; i < 100; ++i) {  // as many addresses of one /56
    EXPECT_TRUE(see("/ip4/9.9.9.9/tcp/80", fmt::format("2606:1:1:1{:02x}::1", i)));
  }
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen.ours(at(0s)), IsEmpty());
}

TEST_F(ObservedAddressesTest, attack_observed_address_poisoning_a_liar_loses_its_earlier_vote) {
  crowd(ours, limits::observers_needed);
  EXPECT_TRUE(see("/ip4/9.9.9.9/tcp/80", "9.0.1.1"));
  EXPECT_THAT(seen.ours(at(0s)), IsEmpty());
}

TEST_F(ObservedAddressesTest, only_addresses_of_the_internet_seen_from_the_internet_count) {
  for (const auto* observed : {"/ip4/127.0.0.1/tcp/4001", "/ip4/192.168.1.5/tcp/4001",
                               "/ip4/0.0.0.0/tcp/4001", "/ip4/224.0.0.1/tcp/4001"}) {
    EXPECT_EQ(see(observed, "9.0.0.1").error().code, Errc::forbidden) << observed;
  }
  EXPECT_EQ(see(ours, "192.168.1.9").error().code, Errc::forbidden);
}

TEST_F(ObservedAddressesTest, only_the_transport_of_a_listener_counts) {
  for (const auto* observed :
       {"/ip4/8.8.8.8/udp/4001/quic-v1", "/ip4/8.8.8.8/tcp/4001/ws", "/dns4/a.example/tcp/4001"}) {
    EXPECT_EQ(see(observed, "9.0.0.1").error().code, Errc::forbidden) << observed;
  }
  listeners = {{ip("0.0.0.0"), 4001}};
  EXPECT_FALSE(see("/ip6/2606::1/tcp/4001", "9.0.0.1"));
}

TEST_F(ObservedAddressesTest, a_connection_from_another_port_than_a_listeners_is_no_witness) {
  EXPECT_EQ(
      see("/ip4/8.8.8.8/tcp/51234", "9.0.0.1", at(0s), "/ip4/192.168.1.5/tcp/51234").error().code,
      Errc::forbidden);
}

TEST_F(ObservedAddressesTest, a_router_may_map_the_listening_port_to_another) {
  crowd("/ip4/8.8.8.8/tcp/62001", limits::observers_needed);
  EXPECT_THAT(seen.ours(at(0s)), ElementsAre(addr("/ip4/8.8.8.8/tcp/62001")));
}

TEST_F(ObservedAddressesTest, one_observer_may_vouch_for_an_address_of_each_family) {
  for (int i = 0; i < 4; ++i) {
    const auto from = fmt::format("9.0.{}.1", i);
    EXPECT_TRUE(see(ours, from));
    EXPECT_TRUE(see("/ip6/2606::1/tcp/4001", from, at(0s), "/ip6/2606::1/tcp/4001"));
  }
  EXPECT_THAT(seen.ours(at(0s)), SizeIs(2));
}

TEST_F(ObservedAddressesTest, a_vote_runs_out) {
  crowd(ours, limits::observers_needed);
  EXPECT_THAT(seen.ours(at(limits::observation_life - 1s)), SizeIs(1));
  EXPECT_THAT(seen.ours(at(limits::observation_life)), IsEmpty());
}

TEST_F(ObservedAddressesTest, what_most_observers_see_comes_first_and_four_per_family_are_enough) {
  for (std::size_t i = 0; i < 6; ++i) {
    crowd(fmt::format("/ip4/8.8.8.8/tcp/{}", 5000 + i), 4 + i, 1 + 20 * i);
  }
  const auto found = seen.ours(at(0s));
  ASSERT_THAT(found, SizeIs(limits::observed_addresses));
  EXPECT_EQ(found.front(), addr("/ip4/8.8.8.8/tcp/5005"));
}

TEST_F(ObservedAddressesTest, keeps_a_bounded_number_of_votes_and_drops_the_oldest) {
  crowd(ours, limits::observers_needed);
  crowd("/ip4/8.8.8.8/tcp/5000", limits::observers_kept, 1000);
  EXPECT_EQ(seen.size(), limits::observers_kept);
  EXPECT_THAT(seen.ours(at(0s)), ElementsAre(addr("/ip4/8.8.8.8/tcp/5000")));
}

TEST_F(ObservedAddressesTest, forgets_everything_when_our_network_changes) {
  crowd(ours, limits::observers_needed);
  seen.clear();
  EXPECT_THAT(seen.ours(at(0s)), IsEmpty());
}

}  // namespace
}  // namespace goop::p2p
