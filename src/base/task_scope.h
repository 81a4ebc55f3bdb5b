// Owner of running coroutines: the only place (beside main) that starts one.
//
// A scope is the last member of the object whose state its tasks use, so that every task has ended
// before anything it touches dies. `close()` cancels and joins; the destructor merely asserts that
// this has happened. A failure of a task ends that task alone: it is given to `on_end`, or logged.
//
// Thread: loop only.   Borrows: Runtime.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "base/runtime.h"
#include "base/signal.h"

namespace goop {

class TaskScope {
 public:
  // Told how a task ended: nothing, or what went wrong (`cancelled` included).
  using OnEnd = std::function<void(std::optional<Error>)>;

  TaskScope(Runtime& runtime, std::string name)
      : runtime_(runtime), name_(std::move(name)), ended_(runtime) {}
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { GOOP_ASSERT(tasks_.empty()); }

  // Starts `task` in a later turn of the loop. After close() began, the task is cancelled at its
  // first wait.
  void spawn(Task<> task, OnEnd on_end = {});

  void cancel();   // asks every task to end; does not wait
  Task<> join();   // waits until none is left
  Task<> close();  // cancel, then join; idempotent; not itself cancellable
  bool closing() const { return closing_; }
  std::size_t size() const { return tasks_.size(); }

 private:
  struct Child {
    asio::cancellation_signal cancel;
  };

  Runtime& runtime_;
  std::string name_;
  Signal ended_;
  std::list<Child> tasks_;
  bool closing_ = false;
};

// Runs `task` and gives its failure back as a value: for loops that survive a failed attempt.
// Cancellation of the caller still unwinds.
template <class T>
Task<Result<T>> attempt(Task<T> task);

// Cancels `task` when `by` has passed and throws Failure(timeout, what); otherwise its outcome.
template <class T>
Task<T> with_deadline(Runtime& runtime, Deadline by, std::string what, Task<T> task);

// Keeps `task` running when the caller is cancelled meanwhile: for what must be finished, with a
// deadline of its own. In a caller that is cancelled already, `co_await cleaning_up()` comes first.
template <class T>
Task<T> shielded(Task<T> task);

// co_await cleaning_up(); : from here on this task may wait again although it was cancelled, to put
// its affairs in order. Without it every co_await of a cancelled task throws at once.
inline auto cleaning_up() { return asio::this_coro::throw_if_cancelled(false); }

}  // namespace goop

#include "base/task_scope_inl.h"
