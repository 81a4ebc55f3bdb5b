#include "apps/goop2/kept_file.h"

#include "apps/goop2/limits.h"
#include "base/log.h"

namespace goop::apps {

std::string KeptFile::read() const {
  const auto bytes = folder_.read(path_, limits::kept_bytes);
  return bytes ? to_text(*bytes) : std::string();
}

void KeptFile::put(std::string content) {
  newest_ = std::move(content);
  if (!std::exchange(writing_, true)) writer_.spawn(write());
}

Task<> KeptFile::write() {
  while (newest_) {
    auto job = [this, text = std::move(*newest_)] {
      return folder_.write_atomic(path_, as_bytes(text), 0600);
    };
    newest_.reset();
    const auto written = co_await runtime_.offload(std::move(job));
    if (!written) log::warn("file.not_written", {{"file", path_}, {"error", written.error()}});
  }
  writing_ = false;
}

Task<> KeptFile::close() { co_await writer_.join(); }

}  // namespace goop::apps
