#include "base/task_scope.h"

#include "base/log.h"

namespace goop {
namespace {

// co_spawn may run the first steps inside the call; the caller must not see that.
Task<> in_a_later_turn(asio::io_context& loop, Task<> task) {
  co_await asio::post(loop, asio::use_awaitable);
  co_await std::move(task);
}

}  // namespace

void TaskScope::spawn(Task<> task, OnEnd on_end) {
  auto child = tasks_.emplace(tasks_.end());
  auto ended = [this, child, on_end = std::move(on_end)](const std::exception_ptr& thrown) {
    std::optional<Error> error;
    if (thrown) error = error_of(thrown);
    if (on_end) {
      on_end(error);
    } else if (error && error->code != Errc::cancelled) {
      log::warn("task.failed", {{"scope", name_}, {"error", to_string(*error)}});
    }
    tasks_.erase(child);
    if (tasks_.empty()) ended_.notify_all();
  };
  asio::co_spawn(runtime_.loop(), in_a_later_turn(runtime_.loop(), std::move(task)),
                 asio::bind_cancellation_slot(child->cancel.slot(), std::move(ended)));
  if (closing_) {
    asio::post(runtime_.loop(), [this] { cancel(); });
  }
}

void TaskScope::cancel() {
  // Emitting may end a task at once and so change the list: go by position, not by iterator.
  for (auto child = tasks_.begin(); child != tasks_.end();) {
    auto current = child++;
    current->cancel.emit(asio::cancellation_type::terminal);
  }
}

Task<> TaskScope::join() {
  while (!tasks_.empty()) co_await ended_.wait_until(Deadline::never());
}

Task<> TaskScope::close() {
  closing_ = true;
  cancel();
  co_await shielded(join());
}

}  // namespace goop
