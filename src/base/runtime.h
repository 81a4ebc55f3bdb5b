// The only door to time, chance and threads.
//
// One loop thread owns all state; what would block it (disk, database, password hashing, bulk
// signature checks) runs as a pool job that gets values and returns values. Exactly two
// implementations exist: OsRuntime (base/os_runtime.h) and the simulation's (testing/sim), where
// time jumps from timer to timer and pool jobs run in lock-step, so a test is deterministic.
//
// Thread: everything on the loop thread, except the body of an offloaded job.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "base/timer_queue.h"

namespace goop {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

class Runtime {
 public:
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  virtual ~Runtime() = default;

  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;

  // Fills `out` from the system's generator (simulation: from the seed). Fit for keys.
  virtual void random(MutBytes out) = 0;
  std::uint64_t random_u64();
  std::uint64_t random_below(std::uint64_t bound);  // uniform in [0, bound); bound > 0

  // `span` shortened or lengthened at random by up to a quarter, so that crowds do not march in
  // step.
  Duration jittered(Duration span);

  asio::io_context& loop() { return loop_; }
  asio::io_context::executor_type executor() { return loop_.get_executor(); }
  TimerQueue& timers() { return timers_; }

  Task<> sleep_until(Deadline when);
  Task<> sleep_for(Duration span) { return sleep_until(Deadline::after(now(), span)); }

  // Gives every other ready task a turn.
  Task<> yield();

  // Runs `job` on the pool and returns its value; an exception of the job arrives here. The caller
  // waits for it even when cancelled, so the job may use what the caller owns: it must be short.
  template <class Job, class T = std::invoke_result_t<Job>>
  Task<T> offload(Job job);

  // The same for a job that may hang (a name lookup): at the deadline, or when cancelled, the
  // caller goes on and the job's result is dropped. So the job must own all that it touches.
  template <class Job, class T = std::invoke_result_t<Job>>
  Task<T> offload_until(Deadline by, std::string what, Job job);

 protected:
  Runtime();
  virtual void run_job(std::move_only_function<void()> job) = 0;  // calls it on a pool thread
  virtual void head_changed() {}

  asio::io_context loop_{1};
  TimerQueue timers_;

 private:
  Task<> offload_erased(std::function<void()> job);
  Task<> offload_until_erased(Deadline by, std::string what, std::function<void()> job);
};

template <class Job, class T>
Task<T> Runtime::offload(Job job) {
  if constexpr (std::is_void_v<T>) {
    auto shared = std::make_shared<Job>(std::move(job));
    std::function<void()> call = [shared] { (*shared)(); };
    co_await offload_erased(std::move(call));
  } else {
    struct Slot {
      Job job;
      std::optional<T> value;
    };
    auto slot = std::make_shared<Slot>(Slot{std::move(job), std::nullopt});
    std::function<void()> call = [slot] { slot->value.emplace(slot->job()); };
    co_await offload_erased(std::move(call));
    co_return std::move(*slot->value);
  }
}

template <class Job, class T>
Task<T> Runtime::offload_until(Deadline by, std::string what, Job job) {
  struct Slot {
    Job job;
    std::optional<T> value;
  };
  auto slot = std::make_shared<Slot>(Slot{std::move(job), std::nullopt});
  std::function<void()> call = [slot] { slot->value.emplace(slot->job()); };
  co_await offload_until_erased(by, std::move(what), std::move(call));
  co_return std::move(*slot->value);
}

}  // namespace goop
