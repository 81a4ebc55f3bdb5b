#include "base/keyed_limit.h"

#include <gtest/gtest.h>

namespace goop {
namespace {

constexpr Instant start{1h};

TEST(KeyedLimit, gives_each_key_its_burst_and_its_rate) {
  KeyedLimit<int> limit({.per_second = 1, .burst = 2, .keys = 10});
  EXPECT_EQ(limit.take(1, start), 0s);
  EXPECT_EQ(limit.take(1, start), 0s);
  EXPECT_EQ(limit.take(1, start), 1s);
  EXPECT_EQ(limit.take(2, start), 0s);
  EXPECT_EQ(limit.take(1, start + 1s), 0s);
  EXPECT_FALSE(limit.allow(1, start + 1s));
}

TEST(KeyedLimit, what_is_charged_is_owed_and_can_be_given_back) {
  KeyedLimit<int> limit({.per_second = 1, .burst = 2, .keys = 10});
  limit.charge(1, start, 10);
  EXPECT_EQ(limit.take(1, start), 9s);
  limit.charge(1, start, -9);
  EXPECT_EQ(limit.take(1, start), 0s);
}

TEST(KeyedLimit, watches_a_bounded_number_of_keys) {
  KeyedLimit<std::size_t> limit({.per_second = 1, .burst = 2, .keys = 100});
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_TRUE(limit.allow(i, start));
  EXPECT_EQ(limit.size(), 100u);
}

TEST(KeyedLimit, forgets_a_full_bucket_before_all_others_and_of_those_the_one_unused_for_longest) {
  KeyedLimit<int> limit({.per_second = 1, .burst = 2, .keys = 3});
  EXPECT_TRUE(limit.allow(1, start));
  EXPECT_TRUE(limit.allow(2, start + 1s));
  EXPECT_TRUE(limit.allow(3, start + 10s, 2));
  EXPECT_TRUE(limit.allow(4, start + 10s));  // instead of 1
  EXPECT_TRUE(limit.allow(5, start + 10s));  // instead of 2
  EXPECT_FALSE(limit.allow(3, start + 10s));
}

TEST(KeyedLimit, a_flood_of_new_keys_does_not_free_who_has_much_to_repay) {
  KeyedLimit<int> limit({.per_second = 0.001, .burst = 2, .keys = 100});
  limit.charge(0, start, 2);
  for (int i = 1; i < 1000; ++i) EXPECT_TRUE(limit.allow(i, start));
  EXPECT_FALSE(limit.allow(0, start));
}

TEST(KeyedLimit, a_clock_that_goes_back_gives_nothing) {
  KeyedLimit<int> limit({.per_second = 1, .burst = 1, .keys = 2});
  EXPECT_TRUE(limit.allow(1, start));
  EXPECT_FALSE(limit.allow(1, start - 30min));
  EXPECT_EQ(limit.size(), 1u);
}

}  // namespace
}  // namespace goop
