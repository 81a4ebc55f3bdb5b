#include "base/supervised.h"

#include <gtest/gtest.h>

#include "base/failure_limits.h"
#include "base/failure_log.h"
#include "base/log.h"
#include "testing/sim/sim_runtime.h"

namespace goop {
namespace {

using sim::SimRuntime;
using sim::SimScope;

const Error no_descriptors{Errc::busy, "Too many open files"};

std::uint64_t last_number() {
  const auto lines = log::recent();
  return lines.empty() ? 0 : lines.back().number;
}

std::vector<std::string> lines_after(std::uint64_t number) {
  std::vector<std::string> texts;
  for (const auto& line : log::recent(number)) texts.push_back(line.text);
  return texts;
}

Task<> fail_until(Runtime& runtime, std::vector<Instant>& starts, std::size_t good_one) {
  starts.push_back(runtime.now());
  if (starts.size() < good_one) throw Failure(no_descriptors);
  co_await runtime.sleep_for(10h);
}

Task<> end_with(Runtime& runtime, int& starts, Error error) {
  ++starts;
  co_await runtime.sleep_for(1s);
  throw Failure(error);
}

Task<> end_well(int& starts) {
  ++starts;
  co_return;
}

TEST(Supervised, A_task_that_fails_is_started_again_after_growing_pauses) {
  SimRuntime runtime;
  SimScope scope(runtime);
  std::vector<Instant> starts;
  scope.spawn(supervised(runtime, "test", [&] { return fail_until(runtime, starts, 12); }));
  runtime.run_for(1h);
  ASSERT_EQ(starts.size(), 12u);
  EXPECT_LE(starts[1] - starts[0], 2 * limits::restart_first);
  for (std::size_t i = 1; i + 1 < starts.size(); ++i) {
    EXPECT_LE(starts[i + 1] - starts[i], 2 * limits::restart_most);
  }
  EXPECT_GE(starts[11] - starts[10], limits::restart_most / 2);
}

TEST(Supervised, A_task_that_ran_well_for_long_is_started_again_at_once) {
  SimRuntime runtime;
  SimScope scope(runtime);
  std::vector<Instant> starts;
  const auto run = [&]() -> Task<> {
    starts.push_back(runtime.now());
    co_await runtime.sleep_for(2 * limits::restart_settled);
    throw Failure(no_descriptors);
  };
  scope.spawn(supervised(runtime, "test", run));
  runtime.run_for(1h);
  ASSERT_GT(starts.size(), 20u);
  EXPECT_LE(starts[20] - starts[19], 2 * limits::restart_settled + 2 * limits::restart_first);
}

TEST(Supervised, A_task_that_returns_is_done) {
  SimRuntime runtime;
  SimScope scope(runtime);
  int starts = 0;
  scope.spawn(supervised(runtime, "test", [&] { return end_well(starts); }));
  runtime.run_for(1h);
  EXPECT_EQ(starts, 1);
}

TEST(Supervised, Cancellation_passes_through) {
  SimRuntime runtime;
  TaskScope scope(runtime, "test");
  int starts = 0;
  std::optional<Error> ended;
  scope.spawn(
      supervised(runtime, "test", [&] { return end_with(runtime, starts, no_descriptors); }),
      [&](std::optional<Error> error) { ended = std::move(error); });
  runtime.run_for(500ms);
  runtime.wait(scope.close());
  EXPECT_EQ(starts, 1);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, Errc::cancelled);
}

// A socket that was closed under the task is reported as such; nobody cancelled the task.
TEST(Supervised, A_cancelled_wait_of_the_task_itself_is_a_failure_like_others) {
  SimRuntime runtime;
  SimScope scope(runtime);
  int starts = 0;
  const Error aborted{Errc::cancelled, "Operation canceled"};
  scope.spawn(supervised(runtime, "test", [&] { return end_with(runtime, starts, aborted); }));
  runtime.run_for(1min);
  EXPECT_GT(starts, 3);
}

TEST(Supervised, A_task_that_cannot_even_begin_is_tried_again) {
  SimRuntime runtime;
  SimScope scope(runtime);
  int tries = 0;
  const auto start = [&]() -> Task<> {
    ++tries;
    throw std::bad_alloc();
  };
  scope.spawn(supervised(runtime, "test", start));
  runtime.run_for(10s);
  EXPECT_GT(tries, 3);
}

TEST(FailureLog, Ten_failures_a_second_are_two_lines_a_minute_with_their_number) {
  const auto before = last_number();
  FailureLog failing("test.accept");
  Instant now{};
  for (int i = 0; i < 900; ++i, now += 100ms) failing.failed(no_descriptors, now);
  const auto lines = lines_after(before);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("test.accept.failed ")) << lines[0];
  EXPECT_TRUE(lines[0].contains("times=1")) << lines[0];
  EXPECT_TRUE(lines[1].contains("times=600")) << lines[1];
  EXPECT_EQ(failing.failures(), 900u);
}

TEST(FailureLog, Recovery_is_told_once_and_only_of_what_was_told) {
  const auto before = last_number();
  FailureLog failing("test.write", "a file");
  Instant now{};
  for (int i = 0; i < 50; ++i, now += 1s) {
    failing.failed(no_descriptors, now);
    failing.succeeded();
    failing.succeeded();
  }
  const auto lines = lines_after(before);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].contains("of=\"a file\"")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("test.write.recovered ")) << lines[1];
}

}  // namespace
}  // namespace goop
