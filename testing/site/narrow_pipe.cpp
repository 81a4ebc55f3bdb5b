#include "testing/site/narrow_pipe.h"

#include <algorithm>

namespace goop::sim {

struct NarrowEnd::Wire {
  Wire(Runtime& runtime, std::size_t bytes) : window(bytes), news(runtime) {}

  std::size_t window;
  Bytes waiting[2];  // to be read by side 0, by side 1
  bool ended[2] = {false, false};
  bool reset = false;
  Signal news;
};

NarrowEnd::~NarrowEnd() {
  if (!closed_) reset();
}

Task<BytesView> NarrowEnd::fill(Deadline by) {
  Wire& wire = *wire_;
  while (!wire.reset && wire.waiting[side_].empty() && !wire.ended[side_]) {
    co_await wire.news.wait(by, "bytes of the pipe");
  }
  if (wire.reset) raise(Errc::closed, "the pipe was reset");
  const Bytes& waiting = wire.waiting[side_];
  const std::size_t count = std::min(waiting.size(), most_);
  shown_.assign(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
  co_return shown_;
}

void NarrowEnd::consume(std::size_t count) {
  Bytes& waiting = wire_->waiting[side_];
  GOOP_ASSERT(count <= waiting.size());
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
  wire_->news.notify_all();
}

Task<> NarrowEnd::write(BytesView bytes, Deadline by) {
  Wire& wire = *wire_;
  Bytes& waiting = wire.waiting[1 - side_];
  while (!bytes.empty()) {
    if (wire.reset || wire.ended[1 - side_]) raise(Errc::closed, "the pipe was reset");
    const std::size_t room = wire.window - std::min(waiting.size(), wire.window);
    if (room == 0) {
      co_await wire.news.wait(by, "room in the pipe");
      continue;
    }
    const BytesView part = bytes.first(std::min(room, bytes.size()));
    append(waiting, part);
    bytes = bytes.subspan(part.size());
    wire.news.notify_all();
  }
}

void NarrowEnd::close() {
  closed_ = true;
  wire_->ended[1 - side_] = true;
  wire_->news.notify_all();
}

void NarrowEnd::reset() {
  closed_ = true;
  wire_->reset = true;
  wire_->news.notify_all();
}

bool NarrowEnd::was_reset() const { return wire_->reset; }

NarrowPipe narrow_pipe(Runtime& runtime, std::size_t window) {
  auto wire = std::make_shared<NarrowEnd::Wire>(runtime, window);
  return {std::make_unique<NarrowEnd>(wire, 0), std::make_unique<NarrowEnd>(wire, 1)};
}

}  // namespace goop::sim
