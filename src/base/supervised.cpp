#include "base/supervised.h"

#include <boost/asio/this_coro.hpp>

#include "base/failure_limits.h"
#include "base/failure_log.h"
#include "base/task_scope.h"

namespace goop {
namespace {

Task<> run(const std::function<Task<>()>& start) { co_await start(); }

}  // namespace

Task<> supervised(Runtime& runtime, std::string name, std::function<Task<>()> start) {
  FailureLog failures("task", std::move(name));
  Duration pause = limits::restart_first;
  for (;;) {
    const auto began = runtime.now();
    auto running = run(start);
    const auto outcome = co_await attempt(std::move(running));
    if (outcome) co_return;
    // Who put its affairs in order (cleaning_up) has switched this off.
    co_await asio::this_coro::throw_if_cancelled(true);
    failures.failed(outcome.error(), runtime.now());
    if (runtime.now() - began >= limits::restart_settled) pause = limits::restart_first;
    co_await runtime.sleep_for(runtime.jittered(pause));
    pause = std::min<Duration>(2 * pause, limits::restart_most);
  }
}

}  // namespace goop
