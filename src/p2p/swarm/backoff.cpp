#include "p2p/swarm/backoff.h"

#include "p2p/swarm/limits.h"

namespace goop::p2p {

void Backoff::failed(const PeerId& peer, const Multiaddr& address, Instant now) {
  auto [at, added] = entries_.try_emplace(Key{peer, address});
  Entry& entry = at->second;
  if (added) {
    entry.place = order_.insert(order_.end(), at->first);
    if (entries_.size() > limits::backoff_entries) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
  } else {
    order_.splice(order_.end(), order_, entry.place);
    // Left alone long enough after the last wait: that failure says nothing any more.
    if (now >= saturating_add(entry.until, limits::backoff_most)) entry.failures = 0;
  }
  const Duration span = limits::backoff_first + entry.failures * entry.failures * 1s;
  entry.until = saturating_add(now, std::min<Duration>(span, limits::backoff_most));
  // The wait stops growing, and so does the number it is made of.
  if (span < limits::backoff_most) ++entry.failures;
}

void Backoff::succeeded(const PeerId& peer, const Multiaddr& address) {
  const auto at = entries_.find(Key{peer, address});
  if (at == entries_.end()) return;
  order_.erase(at->second.place);
  entries_.erase(at);
}

void Backoff::clear(const PeerId& peer) {
  auto at = entries_.lower_bound(Key{peer, Multiaddr()});
  while (at != entries_.end() && at->first.first == peer) {
    order_.erase(at->second.place);
    at = entries_.erase(at);
  }
}

std::optional<Instant> Backoff::until(const PeerId& peer, const Multiaddr& address,
                                      Instant now) const {
  const auto at = entries_.find(Key{peer, address});
  if (at == entries_.end() || at->second.until <= now) return std::nullopt;
  return at->second.until;
}

}  // namespace goop::p2p
