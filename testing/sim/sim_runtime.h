// The Runtime of a test: time stands still while anything is ready to run, then jumps to the next
// timer. Pool jobs run at once, in lock-step. Two runs with one seed do exactly the same.
#pragma once

#include <random>
#include <vector>

#include "base/runtime.h"
#include "base/task_scope.h"

namespace goop::sim {

class SimRuntime final : public Runtime {
 public:
  explicit SimRuntime(std::uint64_t seed = 1);
  ~SimRuntime() override;

  // Runs all that is due within `span` of virtual time; afterwards now() is exactly `span` later.
  void run_for(Duration span);

  // Runs until nothing is ready and no timer is armed, or `limit` of virtual time is over.
  void run(Duration limit = 24h);

  // Runs `task` to its end and gives its value; a failure, or no end within `limit`, throws.
  template <class T>
  T wait(Task<T> task, Duration limit = 1h) {
    return wait_on(*this, std::move(task), limit);
  }
  // The same for a task of a machine with a clock of its own.
  template <class T>
  T wait_on(Runtime& machine, Task<T> task, Duration limit = 1h);

  Instant now() const override { return now_; }
  WallTime wall() const override;
  void random(MutBytes out) override;

 private:
  friend class SimClock;
  void run_job(std::move_only_function<void()> job) override { job(); }
  bool step(Instant limit);  // false: nothing left before `limit`
  bool run_ready();
  std::optional<Instant> next_timer();

  std::vector<Runtime*> machines_;  // those with a clock of their own (sim_clock.h)
  Instant now_{};
  std::mt19937_64 chance_;
};

// A scope that ends its tasks by itself, so that a failing assertion leaves nothing behind.
class SimScope {
 public:
  explicit SimScope(SimRuntime& runtime) : runtime_(runtime), scope_(runtime, "test") {}
  ~SimScope() { runtime_.wait(scope_.close()); }

  void spawn(Task<> task, TaskScope::OnEnd on_end = {}) {
    scope_.spawn(std::move(task), std::move(on_end));
  }

 private:
  SimRuntime& runtime_;
  TaskScope scope_;
};

template <class T>
T SimRuntime::wait_on(Runtime& machine, Task<T> task, Duration limit) {
  struct Outcome {
    bool done = false;
    std::exception_ptr thrown;
    std::conditional_t<std::is_void_v<T>, char, std::optional<T>> value{};
  };
  auto outcome = std::make_shared<Outcome>();
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(machine.loop(), std::move(task), [outcome](std::exception_ptr thrown) {
      outcome->thrown = thrown;
      outcome->done = true;
    });
  } else {
    asio::co_spawn(machine.loop(), std::move(task), [outcome](std::exception_ptr thrown, T value) {
      outcome->thrown = thrown;
      if (!thrown) outcome->value.emplace(std::move(value));
      outcome->done = true;
    });
  }
  const Instant end = saturating_add(now_, limit);
  while (!outcome->done && step(end)) {
  }
  if (outcome->thrown) std::rethrow_exception(outcome->thrown);
  if (!outcome->done) raise(Errc::timeout, "the task did not end within the virtual time limit");
  if constexpr (!std::is_void_v<T>) return std::move(*outcome->value);
}

}  // namespace goop::sim
