#include "p2p/raw_duplex.h"

#include "base/task_scope.h"
#include "p2p/limits.h"

namespace goop::p2p {

Task<BytesView> RawDuplex::fill(Deadline by) {
  if (begin_ == end_) {
    buffer_.resize(limits::raw_read_bytes);
    begin_ = end_ = 0;
    end_ = co_await with_deadline(runtime_, by, "reading during negotiation",
                                  stream_.read_some(buffer_));
  }
  co_return unread();
}

void RawDuplex::consume(std::size_t count) {
  GOOP_ASSERT(count <= end_ - begin_);
  begin_ += count;
}

Task<> RawDuplex::write(BytesView bytes, Deadline by) {
  const std::array<BytesView, 1> parts{bytes};
  co_await with_deadline(runtime_, by, "writing during negotiation", stream_.write(parts));
}

Bytes RawDuplex::release_unread() {
  Bytes rest = to_bytes(unread());
  buffer_ = {};
  begin_ = end_ = 0;
  return rest;
}

}  // namespace goop::p2p
