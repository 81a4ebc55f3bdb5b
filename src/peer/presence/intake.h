// The one way into the table: messages of gossip and of rendezvous servers, judged and checked.
//
// Cheap things first: form, whether the message is new to us, and only then its signature. Gossip
// is judged at once, since neighbours wait for the verdict; what servers send comes in crowds (the
// list of everybody, at first) and is checked on the pool, in the order in which it came.
//
// Gossip's own signature proves its author: a message about somebody else is a forgery. What a
// server says is worth only what the message's own signature says.
//
// Owns: what waits to be checked.   Borrows: Runtime, PeerTable.   Thread: loop only.
// Limits: limits::waiting_messages, limits::checked_at_once.
#pragma once

#include <deque>
#include <functional>

#include "base/signal.h"
#include "peer/presence/peer_table.h"

namespace goop::peer::presence {

// What a message counts as: `sighting` of the table, of texts cut to what is shown.
Sighting sighting_of(const wire::PresenceMessage& message, Channel channel);

class Intake {
 public:
  // Which server spoke, and how far away it is.
  struct Server {
    std::string url;
    p2p::AddressScope scope = p2p::AddressScope::public_net;
  };

  struct Out {
    // Something was applied: what changed, and the addresses that came with it.
    std::function<void(const PeerEvents&)> events;
    std::function<void(const wire::Presence&, p2p::AddressScope teller)> addresses;
    // A server asks us to reach this peer now.
    std::function<void(const wire::Presence&, p2p::AddressScope teller)> punch;
    // A server shows a message of our own identity, signed: ours, or of somebody with our key.
    // (Gossip brings nobody what it said itself.)
    std::function<void(const wire::Presence&)> own = [](const wire::Presence&) {};
  };

  Intake(Runtime& runtime, PeerTable& table, p2p::PeerId self, Out out)
      : runtime_(runtime), table_(table), self_(self), out_(std::move(out)), news_(runtime) {}

  // pass_on: others may want it; drop: nobody needs it; forged: whoever sent it on should know.
  enum class Gossip { pass_on, drop, forged };
  Gossip from_gossip(const p2p::PeerId& author, p2p::AddressScope via, BytesView data);

  // busy: more is waiting than may; the message is lost, the peer's next heartbeat tells it again.
  Result<void> from_server(wire::PresenceMessage message, Server server);

  Task<> run();  // checks what servers sent, until cancelled

  struct Counters {
    std::uint64_t fresh = 0, duplicates = 0, stale = 0, outranked = 0, limited = 0, full = 0;
    std::uint64_t malformed = 0, forged = 0, lost = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Waiting {
    wire::PresenceMessage message;
    Server server;
    enum class Signature { unchecked, genuine, forged } signature = Signature::unchecked;
  };
  Now now() const { return {runtime_.now(), runtime_.wall()}; }
  PeerTable::Verdict apply(const Sighting& sighting, p2p::AddressScope teller);
  void count(PeerTable::Verdict verdict);
  void take(Waiting waiting);
  Task<> check(std::vector<Waiting>& batch);

  Runtime& runtime_;
  PeerTable& table_;
  p2p::PeerId self_;
  Out out_;
  Signal news_;
  std::deque<Waiting> waiting_;
  Counters counters_;
};

}  // namespace goop::peer::presence
