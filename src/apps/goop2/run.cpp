#include "apps/goop2/run.h"

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

}  // namespace goop::apps
