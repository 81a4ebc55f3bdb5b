// What the operator sees and does: figures of the last half hour, kicking and blocking peers.
//
// A kicked peer's row ends, which others are told as its end, and its sockets are closed; nothing
// keeps it from coming back. A blocked one is kicked, and what speaks in its name is refused
// (board.h) until it is unblocked.
//
// Thread: loop only.   Borrows: Runtime, Board, Hub, Sockets, Ingest.
// Limits: operator/limits.h   Errors: as Blocks.
#pragma once

#include "rendezvous/hub.h"
#include "rendezvous/ingest.h"
#include "rendezvous/operator/blocks.h"
#include "rendezvous/operator/history.h"
#include "rendezvous/roll.h"
#include "rendezvous/sockets.h"

namespace goop::rendezvous {

class Desk {
 public:
  using Tell = std::function<void(std::vector<Change>)>;  // rows that ended

  Desk(Runtime& runtime, Board& board, Hub& hub, Sockets& sockets, Ingest& ingest, Tell tell);

  // Who was blocked in an earlier run, and what the board has of them.
  Task<> load(store::Database& database);
  Task<> run();  // takes samples and tidies up, until cancelled

  bool kick(const p2p::PeerId& peer);  // false: it was not here
  Task<Result<void>> block(p2p::PeerId peer);
  Task<Result<void>> unblock(p2p::PeerId peer);

  Figures figures() const;
  const History& history() const { return history_; }
  const Blocks& blocks() const { return blocks_; }
  Roll& roll() { return roll_; }

 private:
  Runtime& runtime_;
  Board& board_;
  Hub& hub_;
  Sockets& sockets_;
  Ingest& ingest_;
  Tell tell_;
  Blocks blocks_;
  History history_;
  Roll roll_;
};

}  // namespace goop::rendezvous
