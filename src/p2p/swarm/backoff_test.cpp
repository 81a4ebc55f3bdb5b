#include "p2p/swarm/backoff.h"

#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;

const PeerId anna = peer(1), ben = peer(2);
const Multiaddr home = addr("/ip4/192.168.1.5/tcp/4001");
const Multiaddr world = addr("/ip4/8.8.8.8/tcp/4001");

TEST(Backoff, waits_five_seconds_then_longer_with_the_square_of_the_failures) {
  Backoff backoff;
  Instant now = at(0s);
  for (const auto wait : {5s, 6s, 9s, 14s, 21s}) {
    backoff.failed(anna, world, now);
    EXPECT_EQ(backoff.until(anna, world, now), now + wait);
    now += wait;
    EXPECT_EQ(backoff.until(anna, world, now), std::nullopt);
  }
}

TEST(Backoff, never_waits_more_than_five_minutes) {
  Backoff backoff;
  for (int i = 0; i < 100'000; ++i) backoff.failed(anna, world, at(0s));
  EXPECT_EQ(backoff.until(anna, world, at(0s)), at(limits::backoff_most));
}

TEST(Backoff, success_clears_one_address) {
  Backoff backoff;
  backoff.failed(anna, world, at(0s));
  backoff.failed(anna, home, at(0s));
  backoff.succeeded(anna, world);
  EXPECT_FALSE(backoff.until(anna, world, at(0s)));
  EXPECT_TRUE(backoff.until(anna, home, at(0s)));
}

TEST(Backoff, a_request_clears_all_addresses_of_one_peer) {
  Backoff backoff;
  backoff.failed(anna, world, at(0s));
  backoff.failed(anna, home, at(0s));
  backoff.failed(ben, world, at(0s));
  backoff.clear(anna);
  EXPECT_FALSE(backoff.until(anna, world, at(0s)));
  EXPECT_FALSE(backoff.until(anna, home, at(0s)));
  EXPECT_TRUE(backoff.until(ben, world, at(0s)));
}

TEST(Backoff, an_old_failure_says_nothing_any_more) {
  Backoff backoff;
  backoff.failed(anna, world, at(0s));
  backoff.failed(anna, world, at(0s));
  backoff.failed(anna, world, at(1h));
  EXPECT_EQ(backoff.until(anna, world, at(1h)), at(1h) + limits::backoff_first);
}

TEST(Backoff, a_full_table_forgets_the_oldest_failure) {
  Backoff backoff;
  for (std::uint32_t i = 0; i <= limits::backoff_entries; ++i) {
    backoff.failed(peer(i), world, at(0s));
  }
  EXPECT_EQ(backoff.size(), limits::backoff_entries);
  EXPECT_FALSE(backoff.until(peer(0), world, at(0s)));
  EXPECT_TRUE(backoff.until(peer(1), world, at(0s)));
}

}  // namespace
}  // namespace goop::p2p
