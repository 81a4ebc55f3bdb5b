#include "base/os_signals.h"

#include <gtest/gtest.h>

#include <csignal>

#include "base/os_runtime.h"
#include "base/task_scope.h"

namespace goop {
namespace {

Task<> collect(OsSignals& signals, std::vector<int>& seen, std::size_t count) {
  while (seen.size() < count) seen.push_back(co_await signals.next());
}

TEST(OsSignals, EachSignalEndsOneWaitEvenWhenItCameBefore) {
  OsRuntime rt(1);
  OsSignals signals(rt);
  TaskScope scope(rt, "test");
  std::vector<int> seen;
  ::raise(SIGTERM);
  ::raise(SIGINT);
  scope.spawn(collect(signals, seen, 2));
  rt.run();
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector{SIGINT, SIGTERM}));
}

TEST(OsSignals, AWaitCanBeCancelled) {
  OsRuntime rt(1);
  OsSignals signals(rt);
  TaskScope scope(rt, "test");
  std::vector<int> seen;
  std::optional<Error> end;
  scope.spawn(collect(signals, seen, 1), [&end](std::optional<Error> error) { end = error; });
  asio::post(rt.loop(), [&scope] { scope.cancel(); });
  rt.run();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::cancelled);
}

}  // namespace
}  // namespace goop
