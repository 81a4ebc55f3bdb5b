// Brings back connections that ended without a goodbye: a switch, an access point, a sleeping hub.
//
//   lost ─soon─> dial ─failed─> pause (1 s, doubling up to 6 s) ─> dial …      until it is
//   connected,
//                                                                  left, or limits::reconnect_life
//
// Whoever is heard of again, over mDNS or because the network changed, is dialled at once (hurry).
// A connection that is lost again soon goes on where the pauses were, so that a peer that drops
// every connection is not dialled in a circle. Only what was connected is dialled: nobody can add a
// peer by talking of it.
//
// Owns: who is waited for, the dials.   Borrows: Runtime.   Thread: loop only.
// Limits: limits::reconnect*.   Errors: none; a dial that fails is tried again.
#pragma once

#include <functional>
#include <map>

#include "base/task_scope.h"
#include "p2p/multi/peer_id.h"
#include "peer/presence/limits.h"

namespace goop::peer::presence {

class Reconnector {
 public:
  // Dials the peer; throws when it was not reached.
  using Dial = std::function<Task<>(p2p::PeerId, Deadline)>;

  Reconnector(Runtime& runtime, Dial dial)
      : runtime_(runtime), dial_(std::move(dial)), news_(runtime), tasks_(runtime, "reconnect") {}

  Task<> run();    // dials until cancelled
  Task<> close();  // ends the dials

  void lost(const p2p::PeerId& peer);
  void connected(const p2p::PeerId& peer);
  void left(const p2p::PeerId& peer);  // it said goodbye

  void hurry(const p2p::PeerId& peer);  // it was heard of
  void hurry_all();                     // our own network changed

  bool waits_for(const p2p::PeerId& peer) const;
  std::size_t size() const { return peers_.size(); }

 private:
  struct Wanted {
    Instant lost, due;
    Duration pause{};  // before the next dial
    std::optional<Instant> connected_at;
    bool dialling = false, hurried = false;
  };

  void make_room();
  Instant start_due();  // when it wants to be called next
  Task<> try_one(p2p::PeerId peer);
  void failed(Wanted& wanted);

  Runtime& runtime_;
  Dial dial_;
  Signal news_;
  std::map<p2p::PeerId, Wanted> peers_;
  std::size_t dialling_ = 0;
  TaskScope tasks_;
};

}  // namespace goop::peer::presence
