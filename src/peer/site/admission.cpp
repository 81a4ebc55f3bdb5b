#include "peer/site/admission.h"

#include "peer/site/limits.h"

namespace goop::peer::site {

TokenBucket* Admission::bucket(const p2p::PeerId& peer) {
  if (const auto found = rates_.find(peer); found != rates_.end()) return &found->second;
  if (rates_.size() >= limits::rated_peers) {
    const Instant now = runtime_.now();
    for (auto entry = rates_.begin(); entry != rates_.end();) {
      entry = entry->second.full(now) ? rates_.erase(entry) : std::next(entry);
    }
    if (rates_.size() >= limits::rated_peers) return nullptr;
  }
  const TokenBucket fresh(limits::requests_per_second, limits::requests_burst);
  return &rates_.emplace(peer, fresh).first->second;
}

bool Admission::admit(const p2p::PeerId& peer) {
  TokenBucket* const rate = bucket(peer);
  return rate && rate->take(runtime_.now());
}

void Admission::refused(const p2p::PeerId& peer) {
  TokenBucket* const rate = bucket(peer);
  const Instant now = runtime_.now();
  // What is not there to be taken leaves the bucket empty: the next request has to wait.
  if (rate && !rate->take(now, limits::refused_cost)) {
    for (double cost = limits::refused_cost / 2; cost >= 1; cost /= 2) rate->take(now, cost);
  }
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
