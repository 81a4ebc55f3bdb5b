#include "peer/site/fetched_body.h"

#include <algorithm>

#include "peer/site/limits.h"

namespace goop::peer::site {

Task<BytesView> GatheredBody::next(Deadline) {
  const BytesView rest = ready();
  given_ = true;
  co_return rest;
}

Task<> FetchedBody::begin(Deadline by) {
  by = by.sooner(Deadline::after(runtime_.now(), limits::progress));
  const BytesView view = co_await loan_.io().fill(by);
  if (view.empty()) raise(Errc::closed, "the owner ended the stream {} bytes too early", left_);
  shown_ = view.first(static_cast<std::size_t>(std::min<std::uint64_t>(view.size(), left_)));
  given_ = false;
}

Task<BytesView> FetchedBody::next(Deadline by) {
  if (given_) {
    loan_.io().consume(shown_.size());
    left_ -= shown_.size();
    shown_ = {};
    if (left_ == 0) {
      given_ = false;
      loan_.give_back();
      co_return BytesView();
    }
    co_await begin(by);
  }
  given_ = left_ > 0;
  co_return shown_;
}

}  // namespace goop::peer::site
