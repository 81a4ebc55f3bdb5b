#include "peer/site/admission.h"

#include "peer/site/limits.h"

namespace goop::peer::site {

Admission::Admission(Runtime& runtime)
    : runtime_(runtime),
      freed_(runtime),
      rates_({.per_second = limits::requests_per_second,
              .burst = limits::requests_burst,
              .keys = limits::rated_peers}) {}

bool Admission::admit(const p2p::PeerId& peer) { return rates_.allow(peer, runtime_.now()); }

void Admission::refused(const p2p::PeerId& peer) {
  rates_.charge(peer, runtime_.now(), limits::refused_cost);
}

std::optional<Admission::Slot> Admission::try_slot(const p2p::PeerId& peer) {
  const auto found = answers_.find(peer);
  const std::size_t own = found == answers_.end() ? 0 : found->second;
  if (total_ >= limits::answers_total || own >= limits::answers_per_peer) return std::nullopt;
  ++total_;
  ++answers_[peer];
  return std::optional<Slot>(std::in_place, *this, peer);
}

Task<std::optional<Admission::Slot>> Admission::slot(p2p::PeerId peer, Deadline by) {
  for (;;) {
    if (auto slot = try_slot(peer)) co_return slot;
    const Wake why = co_await freed_.wait_until(by);
    if (why == Wake::deadline) co_return std::nullopt;
  }
}

void Admission::give_back(const p2p::PeerId& peer) {
  --total_;
  if (const auto found = answers_.find(peer); --found->second == 0) answers_.erase(found);
  freed_.notify_all();
}

}  // namespace goop::peer::site
