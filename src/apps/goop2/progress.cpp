#include "apps/goop2/progress.h"

#include <unistd.h>

#include <cstdio>

#include "apps/goop2/limits.h"
#include "apps/goop2/units.h"

namespace goop::apps {
namespace {

constexpr std::string_view empty_line = "\r\x1b[K";

}  // namespace

Progress::Progress(Runtime& runtime, std::optional<std::uint64_t> total)
    : runtime_(runtime), total_(total), start_(runtime.now()), next_(Instant::max()) {
  if (wanted()) next_ = saturating_add(start_, limits::progress_first);
}

bool Progress::wanted() { return ::isatty(STDERR_FILENO); }

Progress::~Progress() {
  if (!shown_) return;
  fmt::print(stderr, "{}", empty_line);
  std::fflush(stderr);
}

void Progress::at(std::uint64_t bytes) {
  if (next_ == Instant::max()) return;
  const auto now = runtime_.now();
  if (now < next_) return;
  next_ = saturating_add(now, limits::progress_pace);
  shown_ = true;
  const auto of = total_ ? fmt::format(" of {}", size_text(*total_)) : std::string();
  fmt::print(stderr, "{}{}{}, {}", empty_line, size_text(bytes), of,
             rate_text(bytes, now - start_));
  std::fflush(stderr);
}

}  // namespace goop::apps
