// From a coroutine to an exit code: runs the loop of a process until one task has ended.
#pragma once

#include <functional>

#include "base/os_runtime.h"
#include "base/os_signals.h"
#include "base/task_scope.h"

namespace goop::apps {

// What the task throws comes out here.
void run(OsRuntime& runtime, Task<> task);

// For while a process stops, told to by a first signal: ends it at once at another one. What comes
// along with the first is none: timeout(1) and others tell a process, and then its whole group.
Task<> end_at_second_signal(Runtime& runtime, OsSignals& signals, std::function<void()> before);

}  // namespace goop::apps
