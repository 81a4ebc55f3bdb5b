#include "p2p/swarm/connection_trim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/budget.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WaterMarks marks{.low = 2, .high = 3};
const Instant now = at(1h);

TrimCandidate connection(std::uint64_t id, Duration age = 10min) {
  return {.id = id,
          .peer = peer(static_cast<std::uint32_t>(id)),
          .direction = Direction::outbound,
          .opened = now - age,
          .idle_since = now - age};
}

TEST(ConnectionTrim, does_nothing_up_to_the_high_mark) {
  const std::vector all{connection(1), connection(2), connection(3)};
  EXPECT_THAT(choose_victims(all, {}, marks, now), IsEmpty());
}

TEST(ConnectionTrim, above_the_high_mark_goes_down_to_the_low_one) {
  std::vector<TrimCandidate> all;
  for (std::uint64_t id = 1; id <= 200; ++id) all.push_back(connection(id));
  const BudgetLimits limits;
  EXPECT_THAT(choose_victims(all, {}, {limits.low_water, limits.high_water}, now), SizeIs(40));
}

TEST(ConnectionTrim, takes_idle_ones_before_those_with_streams_and_the_longest_idle_first) {
  std::vector all{connection(1, 5min), connection(2, 50min), connection(3, 20min),
                  connection(4, 30min)};
  all[1].streams = 3;
  EXPECT_THAT(choose_victims(all, {}, marks, now), ElementsAre(4, 3));
}

TEST(ConnectionTrim, spares_young_connections) {
  const std::vector all{connection(1, 10s), connection(2, 20s), connection(3, 59s),
                        connection(4, limits::trim_grace)};
  EXPECT_THAT(choose_victims(all, {}, marks, now), ElementsAre(4));
}

TEST(ConnectionTrim, spares_protected_peers_until_the_last_reason_is_gone) {
  const std::vector all{connection(1), connection(2), connection(3), connection(4)};
  Protections protections;
  protections.protect(peer(1), "relay");
  protections.protect(peer(1), "favourite");
  protections.protect(peer(1), "relay");
  protections.unprotect(peer(1), "relay");
  protections.unprotect(peer(1), "never given");
  EXPECT_THAT(choose_victims(all, protections, marks, now), ElementsAre(2, 3));
  protections.unprotect(peer(1), "favourite");
  EXPECT_THAT(choose_victims(all, protections, marks, now), ElementsAre(1, 2));
}

TEST(ConnectionTrim, takes_what_others_dialled_before_what_we_dialled) {
  std::vector all{connection(1), connection(2), connection(3), connection(4)};
  all[2].direction = all[3].direction = Direction::inbound;
  EXPECT_THAT(choose_victims(all, {}, marks, now), ElementsAre(3, 4));
}

const PeerId smallest = peer(0), largest = peer(255);

TEST(ConnectionTrim, of_two_idle_connections_that_we_dialled_the_newer_stays) {
  std::vector all{connection(1, 20min), connection(2), connection(3)};
  all[0].peer = all[1].peer;
  EXPECT_THAT(choose_redundant(all, smallest, now), ElementsAre(1));
  EXPECT_THAT(choose_redundant(all, largest, now), ElementsAre(1));
}

TEST(ConnectionTrim, a_second_connection_goes_only_after_a_minute_without_streams) {
  std::vector all{connection(1, 20min), connection(2)};
  all[0].peer = all[1].peer;
  all[0].idle_since = now - limits::redundant_idle + 1s;
  EXPECT_THAT(choose_redundant(all, smallest, now), IsEmpty());
  all[0].idle_since = now - limits::redundant_idle;
  EXPECT_THAT(choose_redundant(all, smallest, now), ElementsAre(1));
  all[0].streams = all[1].streams = 1;
  EXPECT_THAT(choose_redundant(all, smallest, now), IsEmpty());
}

TEST(ConnectionTrim, of_a_crossed_pair_both_sides_keep_what_the_smaller_id_dialled) {
  std::vector all{connection(1), connection(2)};
  all[0].peer = all[1].peer;
  all[1].direction = Direction::inbound;
  EXPECT_THAT(choose_redundant(all, smallest, now), IsEmpty());
  EXPECT_THAT(choose_redundant(all, largest, now), ElementsAre(1));
}

TEST(ConnectionTrim, leaves_connections_alone_that_the_other_side_dialled) {
  std::vector all{connection(1), connection(2)};
  all[0].peer = all[1].peer;
  all[0].direction = all[1].direction = Direction::inbound;
  EXPECT_THAT(choose_redundant(all, largest, now), IsEmpty());
}

TEST(ConnectionTrim, a_relayed_connection_beside_a_direct_one_ends_by_itself) {
  std::vector all{connection(1), connection(2)};
  all[0].peer = all[1].peer;
  all[0].limited = true;
  EXPECT_THAT(choose_redundant(all, smallest, now), IsEmpty());
}

TEST(ConnectionTrim, a_new_stream_prefers_unlimited_then_busier_then_newer_connections) {
  std::vector all{connection(1, 3min), connection(2, 2min), connection(3, 1min)};
  EXPECT_EQ(choose_for_stream(all, true)->id, 3u);
  all[0].streams = 2;
  EXPECT_EQ(choose_for_stream(all, true)->id, 1u);
  all[0].limited = true;
  EXPECT_EQ(choose_for_stream(all, true)->id, 3u);
}

TEST(ConnectionTrim, a_limited_connection_is_used_only_by_those_who_allow_it) {
  std::vector all{connection(1)};
  all[0].limited = true;
  EXPECT_EQ(choose_for_stream(all, false), nullptr);
  EXPECT_EQ(choose_for_stream(all, true)->id, 1u);
}

}  // namespace
}  // namespace goop::p2p
