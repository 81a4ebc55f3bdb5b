// Numbered events with a bounded window: the one way in which parts tell others what happened.
//
// A writer never waits and never knows its readers. A reader holds a cursor; one that lags behind
// the window learns `gap` and re-reads the snapshot, so a slow reader costs nothing. The same
// numbers serve as event ids of an HTTP event stream.
//
// Thread: loop only.   Limits: the window given to the constructor.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/limits.h"
#include "base/signal.h"

namespace goop {

template <class Event>
class Feed {
 public:
  explicit Feed(Runtime& runtime, std::size_t window = limits::feed_window_events)
      : window_(window), news_(runtime) {}

  // Number of the newest event, 0 before the first; where a reader that took a snapshot starts.
  std::uint64_t last() const { return last_; }

  void publish(Event event) {
    events_.push_back(std::move(event));
    ++last_;
    if (events_.size() > window_) events_.pop_front();
    news_.notify_all();
  }

  enum class Read { event, none, gap };
  struct Next {
    Read read;
    std::optional<Event> event;
  };

  // The event after `cursor`, which it advances; on `gap` the cursor jumps to the newest.
  Next next(std::uint64_t& cursor) const {
    if (cursor == last_) return {Read::none, std::nullopt};
    const std::uint64_t first = last_ - events_.size() + 1;
    if (cursor > last_ || cursor + 1 < first) {
      cursor = last_;
      return {Read::gap, std::nullopt};
    }
    return {Read::event, events_[static_cast<std::size_t>(cursor++ + 1 - first)]};
  }

  // Until there is something after `cursor`, or the deadline.
  Task<Wake> wait(std::uint64_t cursor, Deadline by) {
    while (cursor == last_) {
      const Wake why = co_await news_.wait_until(by);
      if (why == Wake::deadline) co_return why;
    }
    co_return Wake::notified;
  }

 private:
  std::size_t window_;
  Signal news_;
  std::deque<Event> events_;
  std::uint64_t last_ = 0;
};

}  // namespace goop
