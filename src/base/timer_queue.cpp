#include "base/timer_queue.h"

#include "base/error.h"

namespace goop {

void Timer::arm(Instant at) {
  disarm();
  if (at == Instant::max()) return;
  at_ = at;
  queue_.link(*this);
}

void Timer::disarm() {
  if (armed()) queue_.unlink(*this);
}

TimerQueue::~TimerQueue() {
  GOOP_ASSERT(heap_.empty());  // a timer must not outlive its queue
}

std::optional<Instant> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->at_;
}

bool TimerQueue::fire_due(Instant now) {
  bool fired = false;
  while (!heap_.empty() && heap_.front()->at_ <= now) {
    Timer& timer = *heap_.front();
    unlink(timer);
    fired = true;
    auto fire = timer.fire_;  // a copy: the callback may destroy the timer
    fire();
  }
  return fired;
}

void TimerQueue::link(Timer& timer) {
  timer.order_ = ++orders_;
  heap_.push_back(nullptr);
  place(heap_.size() - 1, &timer);
  sift_up(timer.slot_);
  if (timer.slot_ == 0 && head_changed_) head_changed_();
}

void TimerQueue::unlink(Timer& timer) {
  const std::size_t slot = timer.slot_;
  Timer* last = heap_.back();
  heap_.pop_back();
  timer.slot_ = Timer::unlinked;
  if (last != &timer) {
    place(slot, last);
    sift_up(slot);
    sift_down(last->slot_);
  } else if (heap_.empty() && head_changed_) {
    head_changed_();
  }
}

bool TimerQueue::before(const Timer& a, const Timer& b) {
  return a.at_ != b.at_ ? a.at_ < b.at_ : a.order_ < b.order_;
}

void TimerQueue::place(std::size_t slot, Timer* timer) {
  heap_[slot] = timer;
  timer->slot_ = slot;
}

void TimerQueue::sift_up(std::size_t slot) {
  Timer* timer = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (!before(*timer, *heap_[parent])) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, timer);
}

void TimerQueue::sift_down(std::size_t slot) {
  Timer* timer = heap_[slot];
  for (;;) {
    std::size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], *timer)) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, timer);
}

}  // namespace goop
