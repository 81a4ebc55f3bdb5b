#include "p2p/discovery/neighbours.h"

#include <algorithm>

namespace goop::p2p::discovery {

void Neighbours::heard(Sighting sighting, unsigned lan, Instant now) {
  auto& neighbour = entry(sighting.peer);
  const bool changed = !std::ranges::is_permutation(neighbour.addresses, sighting.addresses);
  const bool returned = neighbour.instance != sighting.instance;  // a new start
  neighbour.addresses = std::move(sighting.addresses);
  neighbour.instance = std::move(sighting.instance);
  neighbour.life = sighting.life;
  neighbour.lan = lan;
  neighbour.known = true;
  neighbour.lost.reset();
  neighbour.last_heard = now;
  const bool rested = now >= due(neighbour);
  neighbour.owed |= changed || returned || rested;
  if (changed || rested) report(sighting.peer, neighbour, now);
}

void Neighbours::gone(const Name& instance) {
  for (auto& [peer, neighbour] : peers_) {
    if (neighbour.instance != instance) continue;
    neighbour.known = false;
    neighbour.lost.reset();
  }
}

// The next word of it is reported at once: it was told before of what is no more.
bool Neighbours::lost(const PeerId& peer, Instant now) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return false;
  auto& neighbour = found->second;
  neighbour.known = false;
  neighbour.lost = now;
  neighbour.last_report = Instant::min();
  return true;
}

bool Neighbours::misses_any(Instant now) const {
  return std::ranges::any_of(peers_, [now](const auto& entry) {
    const auto& lost = entry.second.lost;
    return lost && now < saturating_add(*lost, limits::mdns_missed_life);
  });
}

std::vector<Record> Neighbours::known_on(unsigned lan, const Name& service, Instant now) const {
  std::vector<Record> known;
  for (const auto& [peer, neighbour] : peers_) {
    const auto left = saturating_add(neighbour.last_heard, neighbour.life) - now;
    if (!neighbour.known || neighbour.lan != lan || left < neighbour.life / 2) continue;
    const auto ttl = std::chrono::duration_cast<std::chrono::seconds>(left).count();
    known.push_back({service, Pointer{neighbour.instance}, static_cast<std::uint32_t>(ttl)});
  }
  return known;
}

bool Neighbours::knows(const Name& instance, unsigned lan) const {
  return std::ranges::any_of(peers_, [&](const auto& entry) {
    const auto& neighbour = entry.second;
    return neighbour.known && neighbour.lan == lan && neighbour.instance == instance;
  });
}

void Neighbours::forget_known_on(unsigned lan) {
  for (auto& [peer, neighbour] : peers_) {
    if (neighbour.lan == lan) neighbour.known = false;
  }
}

void Neighbours::on_tick(Instant now) {
  for (auto& [peer, neighbour] : peers_) {
    if (neighbour.owed && now >= due(neighbour)) report(peer, neighbour, now);
  }
}

Instant Neighbours::next() const {
  auto next = Instant::max();
  for (const auto& [peer, neighbour] : peers_) {
    if (neighbour.owed) next = std::min(next, due(neighbour));
  }
  return next == Instant::max() ? next : std::max(next, rate_empty_until_);
}

// The entry of `peer`, made if need be.
Neighbours::Neighbour& Neighbours::entry(const PeerId& peer) {
  if (!peers_.contains(peer) && peers_.size() >= limits::mdns_peers) {
    peers_.erase(std::ranges::min_element(
        peers_, {}, [](const auto& entry) { return entry.second.last_heard; }));
  }
  return peers_[peer];
}

void Neighbours::report(const PeerId& peer, Neighbour& neighbour, Instant now) {
  if (!rate_.take(now)) {
    rate_empty_until_ = saturating_add(now, rate_.wait(now) + 1ms);  // rounded up: never `now`
    return;
  }
  neighbour.owed = false;
  neighbour.last_report = now;
  reports_.push_back({peer, neighbour.addresses});
}

Instant Neighbours::due(const Neighbour& neighbour) {
  return neighbour.last_report == Instant::min()
             ? Instant::min()
             : saturating_add(neighbour.last_report, limits::mdns_report_gap);
}

}  // namespace goop::p2p::discovery
