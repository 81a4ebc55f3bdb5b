#include "testing/p2p/duplex_pipe.h"

namespace goop::sim {

Task<BytesView> PipeEnd::fill(Deadline by) {
  while (begin_ == unread_.size() && !ended_) co_await news_.wait(by, "bytes of the pipe");
  const BytesView rest = BytesView(unread_).subspan(begin_);
  co_return rest.first(std::min(rest.size(), shown_));
}

void PipeEnd::consume(std::size_t count) {
  GOOP_ASSERT(count <= std::min(unread_.size() - begin_, shown_));
  begin_ += count;
}

Task<> PipeEnd::write(BytesView bytes, Deadline) {
  if (broken_) raise(Errc::closed, "the pipe is broken");
  ++writes_;
  peer_->put(bytes);
  co_return;
}

void PipeEnd::put(BytesView bytes) {
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  append(unread_, bytes);
  news_.notify_all();
}

void PipeEnd::put_end() {
  ended_ = true;
  news_.notify_all();
}

Bytes PipeEnd::take() {
  Bytes rest = to_bytes(BytesView(unread_).subspan(begin_));
  unread_.clear();
  begin_ = 0;
  return rest;
}

}  // namespace goop::sim
