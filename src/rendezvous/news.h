// What the board has taken, told to all whom it concerns: readers and sockets here, the operator's
// page, the disk, and the other servers of the same board.
//
// Thread: loop only.   Borrows: Context.
#pragma once

#include "rendezvous/backplane/joint.h"
#include "rendezvous/context.h"

namespace goop::rendezvous {

class News {
 public:
  explicit News(Context& context) : context_(context) {}

  void taken(const p2p::PeerId& peer, const Outcome& outcome);  // of a client of this server
  void changed(std::span<const Change> changes);                // by time, sockets, the operator
  void introduce(const p2p::PeerId& peer);                      // to those at other servers

  // From another server.
  void taken_elsewhere(const std::vector<backplane::Told>& all);
  void met(const backplane::Meet& meeting);

 private:
  // Everything but other servers.
  void show(const p2p::PeerId& peer, const Outcome& outcome);
  void show(std::span<const Change> changes);

  Context& context_;
};

}  // namespace goop::rendezvous
