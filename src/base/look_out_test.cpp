#include "base/look_out.h"

#include <gtest/gtest.h>

namespace goop {
namespace {

struct LookOutTest : testing::Test {
  // How many of `count` look-outs in a row begin, when each takes `span`.
  int begun(int count, Duration span, bool found) {
    int begins = 0;
    for (int i = 0; i < count; ++i) {
      if (!look_out.begin(now, preemptions)) continue;
      ++begins;
      now += span;
      look_out.end(now, found);
    }
    return begins;
  }

  LookOut look_out;
  std::int64_t preemptions = 0;
  Instant now{std::chrono::seconds(100)};
};

TEST_F(LookOutTest, lasts_no_longer_than_its_cap) {
  ASSERT_TRUE(look_out.begin(now, preemptions));
  EXPECT_TRUE(look_out.lasts(now + limits::look_out_most - 1us));
  EXPECT_FALSE(look_out.lasts(now + limits::look_out_most));
}

TEST_F(LookOutTest, goes_on_as_long_as_work_comes) {
  EXPECT_EQ(begun(10'000, limits::look_out_most, true), 10'000);
}

TEST_F(LookOutTest, in_vain_it_takes_its_share_of_the_time_and_no_more) {
  EXPECT_EQ(begun(10'000, limits::look_out_most, false), 10);  // the burst, and it is used up
  now += 1s;
  EXPECT_EQ(begun(10'000, limits::look_out_most, false), 10);  // burst again: it saves no more
  int begins = 0;
  for (int i = 0; i < 1000; ++i) {
    now += 10ms;
    begins += begun(1, limits::look_out_most, false);
  }
  const auto spent = begins * Duration(limits::look_out_most);
  EXPECT_LE(spent, 10s * (limits::look_out_share + 0.001));
  EXPECT_GE(spent, 10s * (limits::look_out_share - 0.001));
}

TEST_F(LookOutTest, where_others_want_the_processor_there_is_none) {
  ASSERT_TRUE(look_out.begin(now, preemptions));
  ++preemptions;
  EXPECT_FALSE(look_out.begin(now, preemptions));
  now += limits::look_out_calm - 1us;
  EXPECT_FALSE(look_out.begin(now, preemptions));
  now += 1us;
  EXPECT_TRUE(look_out.begin(now, preemptions));
}

}  // namespace
}  // namespace goop
