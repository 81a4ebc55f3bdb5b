// Who of an earlier run is shown again at the start.
#include "peer/presence/remembered.h"

#include <gtest/gtest.h>

#include "peer/presence/peer_table_test_kit.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer::presence {
namespace {

TEST(Remembered, who_had_a_name_is_shown_again_and_an_address_alone_is_not) {
  sim::SimRuntime rt{1};
  store::Database database(rt);
  setup::PeerCache cache(rt, database);
  const auto named = peer_number(2), address_alone = peer_number(3), signer = peer_number(4),
             favourite = peer_number(5);
  cache.remember({.id = named, .content = "Mira", .last_seen = rt.wall()});
  cache.remember_addresses(address_alone, {*p2p::Multiaddr::parse("/ip4/192.0.2.7/tcp/4001")});
  cache.remember({.id = signer, .last_seen = rt.wall(), .signed_ts = 7});
  cache.remember({.id = favourite, .last_seen = rt.wall()});
  ASSERT_TRUE(cache.set_favorite(favourite, setup::PeerCache::Favorite::yes));

  PeerTable table(peer_number(1), {});
  EXPECT_EQ(seed_table(table, cache, 15min, {rt.now(), rt.wall()}).size(), 3u);
  EXPECT_EQ(table.find(address_alone), nullptr);
  for (const auto& shown : {named, signer, favourite}) EXPECT_NE(table.find(shown), nullptr);
}

}  // namespace
}  // namespace goop::peer::presence
