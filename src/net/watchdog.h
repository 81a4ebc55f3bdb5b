// Calls somebody when a time has passed that is pushed back again and again.
//
// A deadline that moves with every read would cost heap work at every read. Here pushing back is an
// assignment; only when the timer rings is it seen whether the time was moved, and it is wound
// again. Bringing a time forward winds the timer at once.
//
// Thread: loop only.   Borrows: Runtime.
#pragma once

#include "base/runtime.h"

namespace goop::net {

class Watchdog {
 public:
  Watchdog(Runtime& runtime, std::function<void()> bark)
      : runtime_(runtime), bark_(std::move(bark)), timer_(runtime.timers(), [this] { ring(); }) {}

  void due(Deadline by) {
    due_ = by;
    if (due_ < wound_) wind();
  }
  void due_after(Duration span) { due(Deadline::after(runtime_.now(), span)); }
  void rest() { due_ = Deadline::never(); }  // until the next due

 private:
  void wind() {
    wound_ = due_;
    timer_.arm(due_);
  }
  void ring() {
    wound_ = Deadline::never();
    if (runtime_.now() >= due_.at) {
      due_ = Deadline::never();
      bark_();
    } else if (!due_.is_never()) {
      wind();
    }
  }

  Runtime& runtime_;
  std::function<void()> bark_;
  Deadline due_ = Deadline::never();    // when to bark
  Deadline wound_ = Deadline::never();  // when the timer rings
  Timer timer_;
};

}  // namespace goop::net
