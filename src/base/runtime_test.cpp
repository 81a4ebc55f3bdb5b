#include "base/runtime.h"

#include <gtest/gtest.h>

#include "base/os_runtime.h"
#include "base/signal.h"
#include "base/task_scope.h"
#include "testing/sim/sim_runtime.h"

namespace goop {
namespace {

using sim::SimRuntime;

Task<> sleep_then(Runtime& rt, Duration span, std::vector<int>& log, int mark) {
  co_await rt.sleep_for(span);
  log.push_back(mark);
}

Task<> wait_for_ever(Signal& signal) { co_await signal.wait_until(Deadline::never()); }

Task<> fail_after(Runtime& rt, Duration span) {
  co_await rt.sleep_for(span);
  raise(Errc::violation, "as planned");
}

Task<int> answer_after(Runtime& rt, Duration span) {
  co_await rt.sleep_for(span);
  co_return 42;
}

TEST(SimRuntime, JumpsFromTimerToTimerInOrder) {
  SimRuntime rt;
  TaskScope scope(rt, "test");
  std::vector<int> log;
  scope.spawn(sleep_then(rt, 3h, log, 3));
  scope.spawn(sleep_then(rt, 1h, log, 1));
  scope.spawn(sleep_then(rt, 2h, log, 2));
  rt.run();
  EXPECT_EQ(log, (std::vector{1, 2, 3}));
  EXPECT_EQ(rt.now().time_since_epoch(), 3h);
}

TEST(SimRuntime, AHundredThousandTimersCostLittle) {
  SimRuntime rt;
  TaskScope scope(rt, "test");
  std::vector<int> log;
  for (int i = 0; i < 100'000; ++i)
    scope.spawn(sleep_then(rt, Duration(rt.random_below(1'000'000)), log, i));
  rt.run();
  EXPECT_EQ(log.size(), 100'000u);
}

TEST(Runtime, OffloadedJobsReturnValuesAndFailures) {
  SimRuntime rt;
  auto good = rt.wait(rt.offload([] { return std::string("value"); }));
  EXPECT_EQ(good, "value");
  EXPECT_THROW(rt.wait(rt.offload([]() -> int { raise(Errc::storage, "disk full"); })), Failure);
}

TEST(Runtime, TheRealPoolPostsBackToTheLoop) {
  OsRuntime rt(2);
  TaskScope scope(rt, "test");
  int sum = 0;
  auto job = [](OsRuntime& runtime, int& total) -> Task<> {
    for (int i = 0; i < 100; ++i) {
      auto twice = [i] { return 2 * i; };
      total += co_await runtime.offload(twice);
    }
  };
  scope.spawn(job(rt, sum));
  rt.run();
  EXPECT_EQ(sum, 9900);
}

TEST(Signal, WakesWaitersInOrderAndNeverInsideNotify) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  std::vector<int> log;
  auto waiter = [](Signal& s, std::vector<int>& out, int mark) -> Task<> {
    co_await s.wait_until(Deadline::never());
    out.push_back(mark);
  };
  for (int i = 0; i < 3; ++i) scope.spawn(waiter(signal, log, i));
  rt.run();
  signal.notify_one();
  EXPECT_TRUE(log.empty());
  rt.run();
  EXPECT_EQ(log, (std::vector{0}));
  signal.notify_all();
  rt.run();
  EXPECT_EQ(log, (std::vector{0, 1, 2}));
}

TEST(Signal, ADeadlineEndsTheWaitAndNamesWhatWasWaitedFor) {
  SimRuntime rt;
  Signal signal(rt);
  auto by = Deadline::after(rt.now(), 5s);
  EXPECT_EQ(rt.wait(signal.wait_until(by)), Wake::deadline);
  EXPECT_EQ(rt.now().time_since_epoch(), 5s);
  try {
    rt.wait(signal.wait(Deadline::after(rt.now(), 1s), "the echo"));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error(), (Error{Errc::timeout, "the echo"}));
  }
}

TEST(TaskScope, CloseCancelsAndJoinsEveryTask) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  int cancelled = 0;
  for (int i = 0; i < 10; ++i) {
    scope.spawn(wait_for_ever(signal), [&cancelled](std::optional<Error> error) {
      cancelled += error && error->code == Errc::cancelled;
    });
  }
  rt.run();
  rt.wait(scope.close());
  EXPECT_EQ(cancelled, 10);
  EXPECT_FALSE(signal.has_waiters());
}

TEST(TaskScope, ATaskSpawnedAfterCloseEndsAtItsFirstWait) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  rt.wait(scope.close());
  scope.spawn(wait_for_ever(signal));
  rt.run();
  EXPECT_EQ(scope.size(), 0u);
}

TEST(TaskScope, ATaskNeverRunsInsideTheCallThatSpawnsIt) {
  SimRuntime rt;
  TaskScope scope(rt, "test");
  bool ran = false, inside = true;
  auto inner = [](bool& flag) -> Task<> {
    flag = true;
    co_return;
  };
  auto outer = [&inner](TaskScope& s, bool& flag, bool& seen) -> Task<> {
    s.spawn(inner(flag));
    seen = flag;
    co_return;
  };
  scope.spawn(outer(scope, ran, inside));
  rt.run();
  EXPECT_TRUE(ran);
  EXPECT_FALSE(inside);
}

TEST(TaskScope, AFailureEndsItsTaskAlone) {
  SimRuntime rt;
  TaskScope scope(rt, "test");
  std::optional<Error> seen;
  std::vector<int> log;
  scope.spawn(fail_after(rt, 1s), [&seen](std::optional<Error> error) { seen = error; });
  scope.spawn(sleep_then(rt, 2s, log, 7));
  rt.run();
  EXPECT_EQ(seen, (Error{Errc::violation, "as planned"}));
  EXPECT_EQ(log, (std::vector{7}));
}

TEST(WithDeadline, PassesValuesAndFailuresAndCutsWhatIsTooSlow) {
  SimRuntime rt;
  auto by = [&](Duration span) { return Deadline::after(rt.now(), span); };
  EXPECT_EQ(rt.wait(with_deadline(rt, by(2s), "answer", answer_after(rt, 1s))), 42);
  auto slow = rt.wait(attempt(with_deadline(rt, by(1s), "answer", answer_after(rt, 2s))));
  EXPECT_EQ(slow.error(), (Error{Errc::timeout, "answer"}));
  auto bad = rt.wait(attempt(with_deadline(rt, by(2s), "answer", fail_after(rt, 1s))));
  EXPECT_EQ(bad.error().code, Errc::violation);
  EXPECT_EQ(rt.timers().size(), 0u);
}

TEST(WithDeadline, PassesTheCallersCancellationOn) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  std::optional<Error> seen;
  scope.spawn(with_deadline(rt, Deadline::after(rt.now(), 1h), "it", wait_for_ever(signal)),
              [&seen](std::optional<Error> error) { seen = error; });
  rt.run_for(1s);
  rt.wait(scope.close());
  EXPECT_EQ(seen->code, Errc::cancelled);
}

TEST(Attempt, DoesNotSwallowCancellation) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  bool went_on = false;
  auto task = [](Signal& s, bool& flag) -> Task<> {
    auto result = co_await attempt(wait_for_ever(s));
    flag = true;
  };
  scope.spawn(task(signal, went_on));
  rt.run();
  rt.wait(scope.close());
  EXPECT_FALSE(went_on);
}

TEST(Shielded, FinishesDespiteCancellation) {
  SimRuntime rt;
  TaskScope scope(rt, "test");
  std::vector<int> log;
  scope.spawn(shielded(sleep_then(rt, 1s, log, 1)));
  rt.run_for(0s);
  rt.wait(scope.close());
  EXPECT_EQ(log, (std::vector{1}));
}

Task<> clean_up_after(Signal& signal, Runtime& rt, std::vector<int>& log) {
  std::exception_ptr thrown;
  try {
    co_await wait_for_ever(signal);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  co_await shielded(sleep_then(rt, 1s, log, 1));
  log.push_back(2);
}

TEST(CleaningUp, LetsACancelledTaskWaitAgain) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  std::vector<int> log;
  scope.spawn(clean_up_after(signal, rt, log));
  rt.run_for(1s);
  rt.wait(scope.close());
  EXPECT_EQ(log, (std::vector{1, 2}));
}

TEST(Shielded, DoesNotShieldWhatComesAfterIt) {
  SimRuntime rt;
  Signal signal(rt);
  TaskScope scope(rt, "test");
  std::vector<int> log;
  std::optional<Error> seen;
  auto task = [](Signal& s, Runtime& runtime, std::vector<int>& out) -> Task<> {
    co_await shielded(sleep_then(runtime, 1s, out, 1));
    co_await wait_for_ever(s);
  };
  scope.spawn(task(signal, rt, log), [&seen](std::optional<Error> error) { seen = error; });
  rt.run_for(0s);
  rt.wait(scope.close());
  EXPECT_EQ(log, (std::vector{1}));
  EXPECT_EQ(seen->code, Errc::cancelled);
}

}  // namespace
}  // namespace goop
