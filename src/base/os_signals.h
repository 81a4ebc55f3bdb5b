// SIGINT, SIGTERM and SIGHUP (the terminal was closed) as something a task can wait for.
//
// While one of these exists the signals no longer end the process by themselves. One that comes
// when nobody waits is kept for the next wait.
//
// Thread: loop only.
#pragma once

#include <boost/asio/signal_set.hpp>

#include "base/runtime.h"

namespace goop {

class OsSignals {
 public:
  explicit OsSignals(Runtime& runtime);

  // The number of the next signal. A process that is to end at the second one waits again.
  Task<int> next();

 private:
  asio::signal_set signals_;
};

}  // namespace goop
