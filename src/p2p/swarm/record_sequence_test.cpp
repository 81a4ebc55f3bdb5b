#include "p2p/swarm/record_sequence.h"

#include <gtest/gtest.h>

namespace goop::p2p {
namespace {

TEST(RecordSequence, is_the_wall_clock_in_nanoseconds) {
  RecordSequence sequence(0);
  EXPECT_EQ(sequence.next(WallTime(1'700'000'000'000ms)), 1'700'000'000'000'000'000u);
}

TEST(RecordSequence, grows_within_one_instant) {
  RecordSequence sequence(0);
  const auto first = sequence.next(WallTime(1000ms));
  EXPECT_EQ(sequence.next(WallTime(1000ms)), first + 1);
}

TEST(RecordSequence, does_not_go_back_with_the_clock) {
  RecordSequence sequence(0);
  const auto first = sequence.next(WallTime(2000ms));
  EXPECT_GT(sequence.next(WallTime(1000ms)), first);
}

TEST(RecordSequence, does_not_go_back_across_a_restart) {
  RecordSequence sequence(5'000'000'000);
  EXPECT_EQ(sequence.next(WallTime(1000ms)), 5'000'000'001u);
  EXPECT_EQ(sequence.last(), 5'000'000'001u);
}

TEST(RecordSequence, stays_at_its_end_instead_of_starting_again) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  RecordSequence sequence(most);
  EXPECT_EQ(sequence.next(WallTime(1000ms)), most);
}

TEST(RecordSequence, a_clock_before_1970_counts_as_1970) {
  RecordSequence sequence(0);
  EXPECT_EQ(sequence.next(WallTime(-1000ms)), 1u);
}

}  // namespace
}  // namespace goop::p2p
