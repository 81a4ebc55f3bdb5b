#include "p2p/swarm/connection_trim.h"

#include <algorithm>
#include <tuple>

#include "p2p/swarm/limits.h"

namespace goop::p2p {

void Protections::protect(const PeerId& peer, std::string_view tag) { tags_[peer].emplace(tag); }

void Protections::unprotect(const PeerId& peer, std::string_view tag) {
  const auto at = tags_.find(peer);
  if (at == tags_.end()) return;
  const auto same = at->second.find(tag);
  if (same != at->second.end()) at->second.erase(same);
  if (at->second.empty()) tags_.erase(at);
}

std::vector<std::uint64_t> choose_victims(std::span<const TrimCandidate> all,
                                          const Protections& protections, WaterMarks marks,
                                          Instant now) {
  if (all.size() <= marks.high) return {};
  std::vector<const TrimCandidate*> may_go;
  for (const TrimCandidate& candidate : all) {
    const bool young = now < saturating_add(candidate.opened, limits::trim_grace);
    if (!young && !protections.holds(candidate.peer)) may_go.push_back(&candidate);
  }
  // Least valuable first: without streams, then idle for longest; what they dialled before what we
  // dialled, for a reason we knew.
  const auto value = [](const TrimCandidate* c) {
    return std::tuple(c->streams, c->direction == Direction::outbound, c->idle_since, c->id);
  };
  std::ranges::sort(may_go, {}, value);
  may_go.resize(std::min(may_go.size(), all.size() - std::min(all.size(), marks.low)));
  std::vector<std::uint64_t> victims;
  for (const TrimCandidate* candidate : may_go) victims.push_back(candidate->id);
  return victims;
}

const TrimCandidate* choose_for_stream(std::span<const TrimCandidate> of_peer, bool allow_limited) {
  const TrimCandidate* best = nullptr;
  const auto value = [](const TrimCandidate& c) {
    return std::tuple(!c.limited, c.streams, c.opened, c.id);
  };
  for (const TrimCandidate& candidate : of_peer) {
    if (candidate.limited && !allow_limited) continue;
    if (!best || value(*best) < value(candidate)) best = &candidate;
  }
  return best;
}

std::vector<std::uint64_t> choose_redundant(std::span<const TrimCandidate> all, const PeerId& self,
                                            Instant now) {
  std::unordered_map<PeerId, std::vector<TrimCandidate>> by_peer;
  for (const TrimCandidate& candidate : all) {
    // A relayed connection beside a direct one ends by itself, with its relay's time.
    if (!candidate.limited) by_peer[candidate.peer].push_back(candidate);
  }

  std::vector<std::uint64_t> result;
  for (const auto& [peer, connections] : by_peer) {
    const bool both_dialled = std::ranges::any_of(
        connections, [](const auto& c) { return c.direction == Direction::inbound; });
    std::vector<TrimCandidate> ours;
    for (const auto& c : connections) {
      if (c.direction == Direction::outbound) ours.push_back(c);
    }
    // Both sides decide alike without a word: what the smaller id dialled stays.
    const bool keep_one = !both_dialled || self < peer;
    const auto* kept = keep_one ? choose_for_stream(ours, true) : nullptr;
    for (const TrimCandidate& candidate : ours) {
      const bool idle = candidate.streams == 0 &&
                        now >= saturating_add(candidate.idle_since, limits::redundant_idle);
      if (idle && (!kept || candidate.id != kept->id)) result.push_back(candidate.id);
    }
  }
  std::ranges::sort(result);
  return result;
}

}  // namespace goop::p2p
