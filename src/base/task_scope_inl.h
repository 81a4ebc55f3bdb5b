// Templates of task_scope.h.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace goop {

template <class T>
Task<Result<T>> attempt(Task<T> task) {
  Error error{Errc::internal, {}};
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      co_return Result<T>{};
    } else {
      co_return Result<T>(co_await std::move(task));
    }
  } catch (...) {
    error = error_of(std::current_exception());
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Failure({Errc::cancelled, std::move(error.detail)});
  }
  co_return std::unexpected(std::move(error));
}

template <class T>
Task<T> with_deadline(Runtime& runtime, Deadline by, std::string what, Task<T> task) {
  asio::cancellation_signal cancel;
  bool expired = false;
  Timer timer(runtime.timers(), [&cancel, &expired] {
    expired = true;
    cancel.emit(asio::cancellation_type::terminal);
  });
  timer.arm(by);
  // The child listens to our signal alone; the caller's cancellation is passed on through it.
  const auto state = co_await asio::this_coro::cancellation_state;
  auto slot = state.slot();
  if (slot.is_connected()) {
    slot.assign([&cancel](asio::cancellation_type type) { cancel.emit(type); });
  }
  std::exception_ptr thrown;
  auto child = asio::co_spawn(runtime.loop(), std::move(task),
                              asio::bind_cancellation_slot(cancel.slot(), asio::use_awaitable));
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(child);
      co_return;
    } else {
      co_return co_await std::move(child);
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  if (expired && error_of(thrown).code == Errc::cancelled) raise(Errc::timeout, "{}", what);
  std::rethrow_exception(thrown);
}

// A child with a state of its own: what this did to the caller's would outlive the call.
template <class T>
Task<T> shielded(Task<T> task) {
  auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::co_spawn(
      executor, std::move(task),
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

}  // namespace goop
