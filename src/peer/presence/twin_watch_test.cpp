#include "peer/presence/twin_watch.h"

#include <gtest/gtest.h>

namespace goop::peer::presence {
namespace {

struct TwinWatchTest : testing::Test {
  void pass(Duration span) {
    now.at += span;
    now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(span);
  }
  Now now{Instant() + 1h, WallTime(1'761'000'000'000ms)};
  TwinWatch watch;
};

TEST_F(TwinWatchTest, ASignIsToldOnceAndWhatToDoIsSaid) {
  EXPECT_FALSE(watch.twin());
  EXPECT_TRUE(watch.saw("192.0.2.7", now));
  pass(1s);
  EXPECT_FALSE(watch.saw("192.0.2.7", now));
  ASSERT_TRUE(watch.twin());
  EXPECT_EQ(watch.twin()->problem(),
            "another computer runs with this identity (192.0.2.7): stop one, or `goop2 init` a new "
            "one");
  EXPECT_EQ(watch.twin()->seen, now.wall);
}

TEST_F(TwinWatchTest, AnotherAddressIsToldAndNoneForgetsNone) {
  watch.saw("", now);
  EXPECT_EQ(watch.twin()->problem(),
            "another computer runs with this identity: stop one, or `goop2 init` a new one");
  EXPECT_TRUE(watch.saw("192.0.2.7", now));
  EXPECT_FALSE(watch.saw("", now));
  EXPECT_EQ(watch.twin()->where, "192.0.2.7");
  EXPECT_TRUE(watch.saw("192.0.2.8", now));
}

TEST_F(TwinWatchTest, WhileItGoesOnItIsToldEveryHour) {
  watch.saw("192.0.2.7", now);
  int told = 0;
  for (int i = 0; i < 180; ++i) {
    pass(1min);
    EXPECT_FALSE(watch.expire(now.at));
    told += watch.saw("192.0.2.7", now) ? 1 : 0;
  }
  EXPECT_EQ(told, 3);
}

TEST_F(TwinWatchTest, WithoutASignItIsGoneAfterTenMinutes) {
  watch.saw("192.0.2.7", now);
  pass(limits::twin_shown - 1ns);
  EXPECT_FALSE(watch.expire(now.at));
  pass(1ns);
  EXPECT_TRUE(watch.expire(now.at));
  EXPECT_FALSE(watch.twin());
  EXPECT_FALSE(watch.expire(now.at));
  EXPECT_TRUE(watch.saw("192.0.2.7", now));
}

}  // namespace
}  // namespace goop::peer::presence
