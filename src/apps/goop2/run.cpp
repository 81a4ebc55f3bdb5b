#include "apps/goop2/run.h"

#include <cstdlib>

#include "apps/goop2/limits.h"
#include "apps/goop2/report.h"

namespace goop::apps {

void run(OsRuntime& runtime, Task<> task) {
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(std::move(task), [&](std::optional<Error> error) {
    failed = std::move(error);
    runtime.loop().stop();  // timers of what is idle by now must not keep the process
  });
  runtime.run();
  if (failed) throw Failure(std::move(*failed));
}

Task<> end_at_second_signal(Runtime& runtime, OsSignals& signals, std::function<void()> before) {
  const auto first = runtime.now();
  do {
    co_await signals.next();
  } while (runtime.now() - first < limits::same_signal);
  before();
  complain("stopped at once, without a farewell");
  std::_Exit(exit_failed);
}

}  // namespace goop::apps
