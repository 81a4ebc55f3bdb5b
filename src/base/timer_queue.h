// The one timer heap of a Runtime, real or simulated.
//
// A Timer belongs to whoever waits and lives where it waits; arming it links it into the heap,
// destroying it takes it out. Nothing is allocated per arming except heap slots, and re-arming to
// a later time (the usual fate of a deadline) is O(log n).
//
// Thread: loop only.   Owns: nothing but the order of the timers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"

namespace goop {

class TimerQueue;

// Calls `fire` once when its time has come; `fire` may re-arm or destroy the timer.
class Timer {
 public:
  Timer(TimerQueue& queue, std::function<void()> fire) : queue_(queue), fire_(std::move(fire)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  void arm(Instant at);  // replaces an earlier time; Instant::max() disarms
  void arm(Deadline by) { arm(by.at); }
  void disarm();
  bool armed() const { return slot_ != unlinked; }

 private:
  friend class TimerQueue;
  static constexpr std::size_t unlinked = ~std::size_t{0};

  TimerQueue& queue_;
  std::function<void()> fire_;
  Instant at_{};
  std::uint64_t order_ = 0;  // timers of one instant fire in the order of arming
  std::size_t slot_ = unlinked;
};

class TimerQueue {
 public:
  // `head_changed` is told when the earliest time has become earlier, or no timer is left.
  explicit TimerQueue(std::function<void()> head_changed = {})
      : head_changed_(std::move(head_changed)) {}
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  std::optional<Instant> next() const;
  std::size_t size() const { return heap_.size(); }

  // Fires every timer due at `now`, earliest first; true if there was one.
  bool fire_due(Instant now);

 private:
  friend class Timer;
  void link(Timer& timer);
  void unlink(Timer& timer);
  static bool before(const Timer& a, const Timer& b);
  void place(std::size_t slot, Timer* timer);
  void sift_up(std::size_t slot);
  void sift_down(std::size_t slot);

  std::vector<Timer*> heap_;
  std::uint64_t orders_ = 0;
  std::function<void()> head_changed_;
};

}  // namespace goop
