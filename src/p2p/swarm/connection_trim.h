// Which connections go when there are too many.
//
// Above the high mark the least valuable are closed until the low mark is reached: those without
// streams before those with, older talk before newer, never one that is protected or still young.
// A second connection to a peer is not an error; it goes when it was idle for a while, by
// its dialler's hand.
//
// Pure policy.   Limits: limits::trim_*, BudgetLimits::low_water, high_water.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "p2p/stream.h"

namespace goop::p2p {

struct TrimCandidate {
  std::uint64_t id = 0;  // ConnectionInfo::id
  PeerId peer;
  Direction direction = Direction::outbound;
  bool limited = false;  // through a relay with limits
  std::size_t streams = 0;
  Instant opened{};
  Instant idle_since{};  // the last time it had an application stream; `opened` if never
};

// Whom the program wants to keep, each for a reason of its own.
class Protections {
 public:
  void protect(const PeerId& peer, std::string_view tag);
  void unprotect(const PeerId& peer, std::string_view tag);
  bool holds(const PeerId& peer) const { return tags_.contains(peer); }

 private:
  std::unordered_map<PeerId, std::set<std::string, std::less<>>> tags_;
};

struct WaterMarks {
  std::size_t low, high;
};

// Ids, the least valuable first; empty unless there are more than `high`.
std::vector<std::uint64_t> choose_victims(std::span<const TrimCandidate> all,
                                          const Protections& protections, WaterMarks marks,
                                          Instant now);

// Ids of second connections that we dialled and that may go. At least one connection of every peer
// stays, though the other side decides for itself at the same moment.
std::vector<std::uint64_t> choose_redundant(std::span<const TrimCandidate> all, const PeerId& self,
                                            Instant now);

// The connection for a new stream: not limited, then more streams, then newer. null: none.
const TrimCandidate* choose_for_stream(std::span<const TrimCandidate> of_peer, bool allow_limited);

}  // namespace goop::p2p
