#include "p2p/stream.h"

#include "p2p/mux/yamux.h"
#include "p2p/select/select.h"

namespace goop::p2p {

Stream::Stream(std::shared_ptr<mux::YamuxStream> mux, ProtocolId protocol, Negotiation negotiation)
    : mux_(std::move(mux)), protocol_(std::move(protocol)), negotiation_(negotiation) {}

Stream::Stream(Stream&&) noexcept = default;

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    reset();
    mux_ = std::move(other.mux_);
    protocol_ = std::move(other.protocol_);
    negotiation_ = other.negotiation_;
  }
  return *this;
}

Stream::~Stream() { reset(); }

const PeerId& Stream::peer() const { return mux_->info().peer; }

Direction Stream::direction() const {
  return mux_->ours ? Direction::outbound : Direction::inbound;
}

ConnectionInfo Stream::connection() const { return mux_->snapshot(); }

Task<BytesView> Stream::fill(Deadline by) {
  if (negotiation_ == Negotiation::lazy_unsent) {
    co_await write_all({}, by);
  }
  if (negotiation_ == Negotiation::lazy_unanswered) {
    negotiation_ = Negotiation::done;  // check_lazy reads through this very stream
    co_await check_lazy(*this, protocol_, by);
  }
  co_return co_await mux_->fill(by);
}

void Stream::consume(std::size_t count) { mux_->consume_bytes(count); }

Task<> Stream::write(BytesView bytes, Deadline by) { co_await write_all({&bytes, 1}, by); }

Task<> Stream::write_all(std::span<const BytesView> parts, Deadline by) {
  if (negotiation_ == Negotiation::lazy_unsent) {
    negotiation_ = Negotiation::lazy_unanswered;
    // Name and first bytes in one frame where they are small: that is what js-libp2p reads best.
    Bytes first = lazy_preamble(protocol_);
    while (!parts.empty() && first.size() + parts.front().size() <= limits::direct_body_bytes) {
      append(first, parts.front());
      parts = parts.subspan(1);
    }
    const BytesView part = first;
    co_await mux_->write_all({&part, 1}, by);
  }
  co_await mux_->write_all(parts, by);
}

void Stream::close_write() { mux_->end_write(); }

void Stream::close() {
  if (!mux_) return;
  mux_->end();
  mux_.reset();
}

void Stream::reset(ResetCode code) {
  if (!mux_) return;
  // What both sides have finished needs no reset, only its unread input dropped.
  if (mux_->finished()) {
    mux_->end();
  } else {
    mux_->abort(static_cast<std::uint32_t>(code));
  }
  mux_.reset();
}

}  // namespace goop::p2p
