// Peers whom the operator does not want here: their messages are refused, they are not shown.
//
// With a database the list survives a restart; without one it lasts as long as the process.
//
// Borrows: Database.   Thread: loop only.   Limits: limits::blocked_peers
// Errors: too_large (the list is full), storage (the database; nothing has changed then).
#pragma once

#include <unordered_map>

#include "p2p/multi/peer_id.h"
#include "store/database.h"

namespace goop::rendezvous {

// What one of them is told.
inline constexpr std::string_view blocked_text =
    "the operator of this server has blocked this peer";

struct Block {
  std::string label;    // what it called itself; a stranger's text
  std::int64_t at = 0;  // ms since 1970
};

class Blocks {
 public:
  using List = std::unordered_map<p2p::PeerId, Block>;

  // From now on what changes is kept in `database`, and what lies there counts.
  Task<> load(store::Database& database);

  bool has(const p2p::PeerId& peer) const { return list_.contains(peer); }
  Task<Result<void>> add(p2p::PeerId peer, Block block);  // again: nothing happens
  Task<Result<void>> remove(p2p::PeerId peer);            // not there: nothing happens

  const List& list() const { return list_; }

 private:
  List list_;
  store::Database* database_ = nullptr;
};

// The step of the database's schema that makes the table.
void create_blocked(store::Connection& connection);

}  // namespace goop::rendezvous
