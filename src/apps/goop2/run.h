// From a coroutine to an exit code: runs the loop of a process until one task has ended.
#pragma once

#include "base/os_runtime.h"
#include "base/task_scope.h"

namespace goop::apps {

// What the task throws comes out here.
void run(OsRuntime& runtime, Task<> task);

}  // namespace goop::apps
