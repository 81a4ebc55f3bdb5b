#include "base/runtime.h"

#include "base/signal.h"

namespace goop {

Runtime::Runtime() : timers_([this] { head_changed(); }) {}

std::uint64_t Runtime::random_u64() {
  std::uint64_t value = 0;
  random({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

std::uint64_t Runtime::random_below(std::uint64_t bound) {
  GOOP_ASSERT(bound > 0);
  const std::uint64_t limit = bound * (~std::uint64_t{0} / bound);  // a multiple of bound: no bias
  for (;;) {
    if (const auto value = random_u64(); value < limit) return value % bound;
  }
}

Duration Runtime::jittered(Duration span) {
  const auto quarter = span.count() / 4;
  if (quarter <= 0) return span;
  const auto offset =
      static_cast<std::int64_t>(random_below(2 * static_cast<std::uint64_t>(quarter) + 1));
  return span - Duration(quarter) + Duration(offset);
}

Task<> Runtime::sleep_until(Deadline when) {
  Signal never(*this);
  co_await never.wait_until(when);
}

Task<> Runtime::yield() { co_await asio::post(loop_, asio::use_awaitable); }

Task<> Runtime::offload_erased(std::function<void()> job) {
  std::exception_ptr failure;
  auto start = [this, &job, &failure](auto handler) {
    // The job keeps the loop alive until its answer is posted back.
    auto work = asio::make_work_guard(loop_);
    run_job([this, job = std::move(job), &failure, handler = std::move(handler),
             work = std::move(work)]() mutable {
      std::exception_ptr thrown;
      try {
        job();
      } catch (...) {
        thrown = std::current_exception();
      }
      job = nullptr;  // its captures die before the caller continues
      asio::post(loop_, [&failure, thrown, handler = std::move(handler)]() mutable {
        failure = thrown;
        std::move(handler)();
      });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(start, asio::use_awaitable);
  if (failure) std::rethrow_exception(failure);
}

Task<> Runtime::offload_until_erased(Deadline by, std::string what, std::function<void()> job) {
  struct Outcome {
    explicit Outcome(Runtime& runtime) : ready(runtime) {}
    std::exception_ptr thrown;
    bool done = false;
    Signal ready;
  };
  auto outcome = std::make_shared<Outcome>(*this);
  run_job([this, outcome, job = std::move(job), work = asio::make_work_guard(loop_)]() mutable {
    std::exception_ptr thrown;
    try {
      job();
    } catch (...) {
      thrown = std::current_exception();
    }
    asio::post(loop_, [outcome = std::move(outcome), thrown] {
      outcome->thrown = thrown;
      outcome->done = true;
      outcome->ready.notify_all();
    });
  });
  while (!outcome->done) co_await outcome->ready.wait(by, what);
  if (outcome->thrown) std::rethrow_exception(outcome->thrown);
}

}  // namespace goop
