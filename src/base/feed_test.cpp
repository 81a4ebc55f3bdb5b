#include "base/feed.h"

#include <gtest/gtest.h>

#include "testing/sim/sim_runtime.h"

namespace goop {
namespace {

TEST(Feed, gives_events_in_order_from_a_cursor) {
  sim::SimRuntime rt;
  Feed<int> feed(rt);
  feed.publish(1);
  std::uint64_t cursor = feed.last();
  feed.publish(2);
  feed.publish(3);
  EXPECT_EQ(feed.next(cursor).event, 2);
  EXPECT_EQ(feed.next(cursor).event, 3);
  EXPECT_EQ(feed.next(cursor).read, Feed<int>::Read::none);
}

TEST(Feed, keeps_a_window_and_tells_who_lags_behind_it_that_there_is_a_gap) {
  sim::SimRuntime rt;
  Feed<std::size_t> feed(rt);
  std::uint64_t in_time = 0, late = 0;
  for (std::size_t i = 1; i <= limits::feed_window_events; ++i) feed.publish(i);
  EXPECT_EQ(feed.next(in_time).event, 1u);
  feed.publish(0);
  EXPECT_EQ(feed.next(in_time).event, 2u);
  EXPECT_EQ(feed.next(late).read, Feed<std::size_t>::Read::gap);
  EXPECT_EQ(late, feed.last());
}

}  // namespace
}  // namespace goop
