#include "base/signal.h"

#include <boost/asio/associated_cancellation_slot.hpp>

namespace goop {

struct Signal::Waiter {
  Waiter(Signal& owner, Runtime& runtime)
      : signal(owner), timer(runtime.timers(), [this] { wake(Wake::deadline); }) {}
  ~Waiter() {
    if (linked) signal.unlink(*this);
  }

  // Takes the waiter out of the list and lets its coroutine go on in a later turn of the loop.
  void wake(std::optional<Wake> why) {
    signal.unlink(*this);
    timer.disarm();
    // The stored handler's slot, not the original's: that one dangles once it was moved here.
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.clear();
    }
    auto error = why ? boost::system::error_code() : asio::error::operation_aborted;
    asio::post(signal.runtime_.loop(),
               [handler = std::move(handler), error, why = why.value_or(Wake::notified)]() mutable {
                 std::move(handler)(error, why);
               });
  }

  Signal& signal;
  Timer timer;
  asio::any_completion_handler<void(boost::system::error_code, Wake)> handler;
  Waiter* previous = nullptr;
  Waiter* next = nullptr;
  bool linked = false;
};

Signal::~Signal() { GOOP_ASSERT(first_ == nullptr); }

Task<Wake> Signal::wait_until(Deadline by) {
  Waiter waiter(*this, runtime_);
  using Handler = asio::any_completion_handler<void(boost::system::error_code, Wake)>;
  auto start = [this, &waiter, by](auto handler) {
    Handler(std::move(handler)).swap(waiter.handler);  // its move assignment recurses (Boost 1.81)
    waiter.linked = true;
    waiter.previous = last_;
    (last_ ? last_->next : first_) = &waiter;
    last_ = &waiter;
    if (auto slot = asio::get_associated_cancellation_slot(waiter.handler); slot.is_connected()) {
      slot.assign([&waiter](asio::cancellation_type) { waiter.wake(std::nullopt); });
    }
    waiter.timer.arm(by);
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&,
                                          void(boost::system::error_code, Wake)>(
      start, asio::use_awaitable);
}

Task<> Signal::wait(Deadline by, std::string_view what) {
  const Wake why = co_await wait_until(by);  // named first: GCC 12 gets conditional waits wrong
  if (why == Wake::deadline) raise(Errc::timeout, "{}", what);
}

void Signal::notify_one() {
  if (first_) first_->wake(Wake::notified);
}

void Signal::notify_all() {
  while (first_) first_->wake(Wake::notified);
}

void Signal::unlink(Waiter& waiter) {
  if (!waiter.linked) return;
  waiter.linked = false;
  (waiter.previous ? waiter.previous->next : first_) = waiter.next;
  (waiter.next ? waiter.next->previous : last_) = waiter.previous;
}

}  // namespace goop
