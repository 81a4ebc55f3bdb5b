#include "base/os_signals.h"

#include <csignal>

namespace goop {

OsSignals::OsSignals(Runtime& runtime) : signals_(runtime.loop(), SIGINT, SIGTERM, SIGHUP) {}

Task<int> OsSignals::next() { co_return co_await signals_.async_wait(asio::use_awaitable); }

}  // namespace goop
