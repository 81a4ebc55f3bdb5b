// Who a server says is here, as told by its delta stream.
//
// A delta stream tells changes only: who is here and does not change is not mentioned again. So
// somebody must remember who that is, or every quiet peer would pass for gone after its time to
// live. Between `snapshot` and `ready` everybody is named; who is not is gone. An end of the
// stream within a snapshot leaves who was not named yet as they were.
//
// Pure.   Limits: limits::roster_peers; those beyond it live on their time to live alone.
#pragma once

#include <unordered_map>
#include <vector>

#include "peer/links/limits.h"
#include "wire/presence.h"

namespace goop::peer::links {

class Roster {
 public:
  void snapshot_begins() {
    ++round_;
    in_snapshot_ = true;
  }

  // Who is gone by the end of a snapshot.
  std::vector<p2p::PeerId> snapshot_ends();

  void take(const wire::Presence& presence);
  void clear() { here_.clear(); }

  bool has(const p2p::PeerId& peer) const { return here_.contains(peer); }
  std::size_t size() const { return here_.size(); }
  std::vector<p2p::PeerId> list() const;

 private:
  std::unordered_map<p2p::PeerId, std::uint64_t> here_;  // the snapshot that named it last
  std::uint64_t round_ = 0;
  bool in_snapshot_ = false;
};

}  // namespace goop::peer::links
