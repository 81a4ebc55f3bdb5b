#include "peer/site/file_body.h"

#include <algorithm>
#include <utility>

#include "peer/site/limits.h"

namespace goop::peer::site {

Task<BytesView> SharedBody::next(Deadline) { co_return std::exchange(part_, {}); }

Task<BytesView> FileBody::next(Deadline) {
  if (left_ == 0) co_return BytesView();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, limits::chunk_bytes));
  if (!chunk_) chunk_ = std::make_shared<Bytes>(count);
  const MutBytes chunk = MutBytes(*chunk_).first(count);
  std::optional<std::size_t> got = file_->try_read_cached(at_, chunk);
  if (!got) {
    auto job = [file = file_, keep = chunk_, at = at_, chunk] { return file->read_at(at, chunk); };
    got = co_await runtime_.offload(std::move(job));
  }
  if (*got == 0) raise(Errc::conflict, "the file became shorter while it was sent");
  at_ += *got;
  left_ -= *got;
  if (left_ == 0 && !file_->current_info().unwritten_since(file_->info())) {
    raise(Errc::conflict, "the file changed while it was sent");
  }
  co_return chunk.first(*got);
}

}  // namespace goop::peer::site
