// The bodies of a remote site's answers: whole in memory when small, else as they come.
//
// Thread: loop only.   Errors: Failure closed when the owner breaks off (a file that changed while
// it was sent, a lost connection), timeout when nothing came for limits::progress.
#pragma once

#include "peer/site/link_pool.h"
#include "peer/site/source.h"

namespace goop::peer::site {

class GatheredBody final : public SiteBody {
 public:
  explicit GatheredBody(Bytes whole) : whole_(std::move(whole)) {}

  BytesView ready() const override { return given_ ? BytesView() : BytesView(whole_); }
  Task<BytesView> next(Deadline by) override;

 private:
  Bytes whole_;
  bool given_ = false;
};

// Bytes of the stream's own buffer, without a copy.
class FetchedBody final : public SiteBody {
 public:
  FetchedBody(Runtime& runtime, LinkPool::Loan loan, std::uint64_t size)
      : runtime_(runtime), loan_(std::move(loan)), left_(size) {}

  Task<> begin(Deadline by);  // waits for the first bytes, so that ready() has some

  BytesView ready() const override { return given_ ? BytesView() : shown_; }
  Task<BytesView> next(Deadline by) override;

 private:
  Runtime& runtime_;
  LinkPool::Loan loan_;
  std::uint64_t left_;  // not consumed yet, shown_ included
  BytesView shown_;     // the front of the stream's buffer
  bool given_ = false;  // shown_ has been handed out and is consumed at the next call
};

}  // namespace goop::peer::site
