#include "rendezvous/punch.h"

namespace goop::rendezvous {

bool PunchPairs::take(const p2p::PeerId& a, const p2p::PeerId& b, Instant now) {
  const std::hash<p2p::PeerId> hash;
  const auto [low, high] = std::minmax(a, b);
  const std::uint64_t pair = hash(low) * 31 + hash(high);
  if (const auto at = told_.find(pair); at != told_.end()) {
    if (now - at->second < limits::punch_pause) return false;
    at->second = now;
    return true;
  }
  if (told_.size() >= limits::punch_pairs) return false;
  told_.emplace(pair, now);
  return true;
}

void PunchPairs::forget_old(Instant now) {
  std::erase_if(told_,
                [&](const auto& entry) { return now - entry.second >= limits::punch_pause; });
}

std::string punch_text(const wire::PresenceMessage& about, const p2p::PeerId& target,
                       WallTime wall) {
  wire::PresenceMessage punch;
  punch.presence.type = wire::PresenceType::punch;
  punch.presence.peer = about.presence.peer;
  punch.presence.addresses = about.presence.addresses;
  punch.presence.ts = to_ms(wall);
  punch.target = target;
  return wire::write_presence(punch);
}

}  // namespace goop::rendezvous
