#include "p2p/stream.h"

#include "p2p/mux/yamux.h"
#include "p2p/select/select.h"

namespace goop::p2p {

Stream::Stream(std::shared_ptr<mux::YamuxStream> mux, ProtocolId protocol, Negotiation negotiation,
               Ending ending)
    : mux_(std::move(mux)),
      protocol_(std::move(protocol)),
      negotiation_(negotiation),
      ending_(ending) {}

Stream::Stream(Stream&&) noexcept = default;

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    reset();
    mux_ = std::move(other.mux_);
    protocol_ = std::move(other.protocol_);
    negotiation_ = other.negotiation_;
    ending_ = other.ending_;
    end_due_ = other.end_due_;
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
  const bool negotiate =
      negotiation_ == Negotiation::lazy_unsent || negotiation_ == Negotiation::lazy_unanswered;
  return negotiate ? fill_negotiated(by) : mux_->fill(by);
}

Task<BytesView> Stream::fill_negotiated(Deadline by) {
  if (negotiation_ == Negotiation::lazy_unsent) co_await write_first({}, by);
  negotiation_ = Negotiation::reading_answer;  // through this very stream
  const auto mux = mux_;
  const auto protocol = protocol_;
  try {
    co_await check_lazy(*this, protocol, by);
  } catch (...) {
    if (error_of(std::current_exception()).code == Errc::unsupported) mux->refused(protocol);
    mux->abort(static_cast<std::uint32_t>(ResetCode::negotiation_failed));
    throw;
  }
  negotiation_ = Negotiation::done;
  if (end_due_) mux->end_write();
  co_return co_await mux->fill(by);
}

void Stream::consume(std::size_t count) { mux_->consume_bytes(count); }

Task<> Stream::write(BytesView bytes, Deadline by) { co_await write_all({&bytes, 1}, by); }

Duration Stream::charge(WorkUnits units) { return mux_->charge(units); }

Task<> Stream::write_all(std::span<const BytesView> parts, Deadline by) {
  if (negotiation_ == Negotiation::lazy_unsent) return write_first(parts, by);
  return mux_->write_all(parts, by);
}

// Name and first bytes in one frame where they are small: that is what js-libp2p reads best.
Task<> Stream::write_first(std::span<const BytesView> parts, Deadline by) {
  negotiation_ = Negotiation::lazy_unanswered;
  const auto mux = mux_;
  Bytes first = lazy_preamble(protocol_);
  while (!parts.empty() && first.size() + parts.front().size() <= limits::direct_body_bytes) {
    append(first, parts.front());
    parts = parts.subspan(1);
  }
  const BytesView part = first;
  co_await mux->write_all({&part, 1}, by);
  co_await mux->write_all(parts, by);
}

void Stream::close_write() {
  if (negotiation_ == Negotiation::done || ending_ == Ending::at_once) {
    mux_->end_write();
  } else {
    end_due_ = true;
  }
}

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
