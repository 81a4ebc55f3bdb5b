// Keeps a long-lived task alive: when it fails, it is started again after a pause that grows.
//
//   tasks_.spawn(supervised(runtime_, "config", [this] { return watch_config(); }));
//
// A task that the program needs as long as it runs must survive a moment without descriptors,
// memory, disk or network. Errors that a task expects are handled where they arise, so that nothing
// of its state is lost; this is the net below, and nothing that is spawned for good goes without.
//
// `start` is called for each try, and must be fit for that: it begins anew, or goes on from state
// that its object keeps. A task that returns is done. Cancellation passes through. Failures are
// logged as `task.failed of=NAME`, at most once a minute with their number.
//
// Thread: loop only.   Borrows: Runtime.   Limits: limits::restart_first, limits::restart_most
#pragma once

#include <functional>
#include <string>

#include "base/runtime.h"

namespace goop {

Task<> supervised(Runtime& runtime, std::string name, std::function<Task<>()> start);

}  // namespace goop
