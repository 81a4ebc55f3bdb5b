#include "base/rate_limit.h"

#include <gtest/gtest.h>

namespace goop {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

TEST(TokenBucket, gives_its_burst_at_once_and_its_rate_afterwards) {
  TokenBucket bucket(10, 5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start));
  EXPECT_EQ(bucket.wait(start), 100ms);
  EXPECT_TRUE(bucket.take(start + 100ms));
  EXPECT_FALSE(bucket.take(start + 100ms));
}

TEST(TokenBucket, is_full_again_after_a_while_and_no_fuller) {
  TokenBucket bucket(10, 5);
  EXPECT_TRUE(bucket.take(start, 5));
  EXPECT_FALSE(bucket.full(start + 400ms));
  EXPECT_TRUE(bucket.full(start + 10s));
  EXPECT_FALSE(bucket.take(start + 10s, 6));
}

TEST(TokenBucket, what_is_spent_on_credit_is_owed_in_full) {
  TokenBucket bucket(10, 5);
  EXPECT_EQ(bucket.spend(start, 5), 0s);
  EXPECT_EQ(bucket.spend(start, 20), 2s);
  EXPECT_EQ(bucket.spend(start, 10), 3s);
  EXPECT_FALSE(bucket.take(start + 3s));
  EXPECT_TRUE(bucket.take(start + 3100ms));
}

TEST(TokenBucket, a_clock_that_stands_still_or_goes_back_gives_nothing) {
  TokenBucket bucket(10, 1);
  EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start - 1h));
  EXPECT_FALSE(bucket.take(start));
}

}  // namespace
}  // namespace goop
