// Which sites a person has said they want to see: those open without a question, also from links.
//
// Table `_visited` of data.db.   Owns: the set.   Borrows: Runtime, Database.   Thread: loop only.
// Limits: limits::visited_peers.
#pragma once

#include <map>

#include "base/failure_log.h"
#include "base/task_scope.h"
#include "p2p/multi/peer_id.h"
#include "store/database.h"

namespace goop::peer {

class Visits {
 public:
  Visits(Runtime& runtime, store::Database& database) : runtime_(runtime), database_(database) {}

  Task<> load();
  bool contains(const p2p::PeerId& peer) const { return visited_.contains(peer); }

  // Remembers the visit, at once here, in `tasks` on disk. The oldest of too many are forgotten.
  void add(const p2p::PeerId& peer, TaskScope& tasks);

 private:
  Task<> write(p2p::PeerId added, std::optional<p2p::PeerId> forgotten, std::int64_t at);

  Runtime& runtime_;
  store::Database& database_;
  FailureLog failures_{"visits"};
  std::map<p2p::PeerId, std::int64_t> visited_;  // ms since 1970 of the first visit
};

}  // namespace goop::peer
