// Punch hints: two peers are told of each other at the same moment, so that both dial.
//
// Pure: which pairs were told lately, and the text.   Limits: limits::punch_pairs, punch_pause
#pragma once

#include <unordered_map>

#include "rendezvous/board.h"

namespace goop::rendezvous {

class PunchPairs {
 public:
  // True: not told within the pause; counts as told from now on. At the cap nobody is told.
  bool take(const p2p::PeerId& a, const p2p::PeerId& b, Instant now);
  void forget_old(Instant now);
  std::size_t size() const { return told_.size(); }

 private:
  std::unordered_map<std::uint64_t, Instant> told_;  // by a hash of the pair
};

// Tells `target` how `about` is reached.
std::string punch_text(const wire::PresenceMessage& about, const p2p::PeerId& target,
                       WallTime wall);

}  // namespace goop::rendezvous
