// Time as the program sees it: handed in by the Runtime, never asked of the system.
//
// `Instant` is monotonic and meaningless across runs; `WallTime` is the calendar. A `Deadline` is
// an Instant passed down a chain of calls, so that nested retries cannot exceed what the caller
// granted.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace goop {

using namespace std::chrono_literals;
using Duration = std::chrono::nanoseconds;

struct LoopClock {  // names the clock in Instant's type; has no now(): Runtime::now() has
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<LoopClock, Duration>;
  static constexpr bool is_steady = true;
};
using Instant = LoopClock::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// Adds without overflow: durations from the wire may be anything.
constexpr Instant saturating_add(Instant at, Duration by) {
  if (by > Duration::zero() && at > Instant::max() - by) return Instant::max();
  if (by < Duration::zero() && at < Instant::min() - by) return Instant::min();
  return at + by;
}

struct Deadline {
  Instant at = Instant::max();

  static constexpr Deadline never() { return {}; }
  static constexpr Deadline after(Instant now, Duration span) {
    return {saturating_add(now, span)};
  }
  constexpr bool is_never() const { return at == Instant::max(); }
  constexpr Deadline sooner(Deadline other) const { return {std::min(at, other.at)}; }
  constexpr auto operator<=>(const Deadline&) const = default;
};

constexpr std::int64_t to_ms(WallTime at) { return at.time_since_epoch().count(); }

}  // namespace goop
