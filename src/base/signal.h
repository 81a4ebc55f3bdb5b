// Where coroutines wait until somebody says so: a condition variable for one thread.
//
// The waiter's node lives in its own frame; waking only posts, so nobody runs inside the call of
// notify and no half-updated state is seen. After a wait look things up again.
//
// Thread: loop only.   Borrows: Runtime.   A Signal must outlive its waiters (owner joins first).
#pragma once

#include <boost/asio/any_completion_handler.hpp>

#include "base/runtime.h"

namespace goop {

enum class Wake { notified, deadline };

class Signal {
 public:
  explicit Signal(Runtime& runtime) : runtime_(runtime) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  // Returns which of the two came first; throws (cancelled) when the task is cancelled.
  Task<Wake> wait_until(Deadline by);

  // As above, with a passed deadline as Failure(timeout) naming what was waited for.
  Task<> wait(Deadline by, std::string_view what);

  void notify_one();
  void notify_all();
  bool has_waiters() const { return first_ != nullptr; }

 private:
  struct Waiter;
  void unlink(Waiter& waiter);

  Runtime& runtime_;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace goop
