#include "apps/goop2/kept_file.h"

#include "apps/goop2/limits.h"
#include "base/failure_limits.h"

namespace goop::apps {

std::string KeptFile::read() const {
  const auto bytes = folder_.read(path_, limits::kept_bytes);
  return bytes ? to_text(*bytes) : std::string();
}

void KeptFile::put(std::string content) {
  newest_ = std::move(content);
  if (!std::exchange(writing_, true)) writer_.spawn(write());
}

Task<> KeptFile::write_once(std::string text) {
  auto job = [this, text = std::move(text)] {
    return folder_.write_atomic(path_, as_bytes(text), 0600);
  };
  auto written = co_await runtime_.offload(std::move(job));
  or_raise(std::move(written));
}

Task<> KeptFile::write() {
  Duration pause = goop::limits::restart_first;
  while (newest_) {
    auto text = *std::exchange(newest_, std::nullopt);
    auto writing = write_once(text);
    const auto written = co_await attempt(std::move(writing));
    if (written) {
      failures_.succeeded();
      pause = goop::limits::restart_first;
      continue;
    }
    failures_.failed(written.error(), runtime_.now());
    if (!newest_) newest_ = std::move(text);
    if (closing_) break;
    const auto again = Deadline::after(runtime_.now(), pause);
    pausing_ = true;
    tried_.notify_all();
    co_await woken_.wait_until(again);
    pausing_ = false;
    pause = std::min<Duration>(2 * pause, goop::limits::restart_most);
  }
  writing_ = false;
  tried_.notify_all();
}

Task<> KeptFile::tried() {
  while (writing_ && !pausing_) co_await tried_.wait_until(Deadline::never());
}

Task<> KeptFile::close() {
  closing_ = true;
  woken_.notify_all();
  co_await writer_.join();
}

}  // namespace goop::apps
