// How long the loop looks for work before it sleeps: a policy, without clock or loop.
//
// An answer from the same machine often comes sooner than a processor that went to sleep is awake
// again: two programs that ask each other in turn are several times faster when neither sleeps.
// Looking in vain costs the processor's time, so there is a budget for it. Where others want the
// processor there is none at all: perhaps it is their work that we wait for.
//
// Thread: loop only.   Limits: limits::look_out_*
#pragma once

#include <utility>

#include "base/limits.h"
#include "base/rate_limit.h"

namespace goop {

class LookOut {
 public:
  // Nothing is left to do: true when looking for more may be worth it. `preemptions`: how often
  // this thread has lost the processor to another, ever.
  bool begin(Instant now, std::int64_t preemptions) {
    begun_ = now;
    if (std::exchange(preemptions_, preemptions) != preemptions) crowded_ = now;
    if (now - crowded_ < limits::look_out_calm) return false;
    return budget_.wait(now, seconds(limits::look_out_most)) == Duration::zero();
  }

  bool lasts(Instant now) const { return now - begun_ < limits::look_out_most; }

  void end(Instant now, bool found) {
    if (!found) budget_.spend(now, seconds(now - begun_));
  }

 private:
  static double seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

  Instant begun_{}, crowded_{};
  std::int64_t preemptions_ = 0;
  TokenBucket budget_{limits::look_out_share, limits::look_out_burst};  // in seconds
};

}  // namespace goop
