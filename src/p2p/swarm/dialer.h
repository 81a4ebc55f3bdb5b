// Reaches a peer: resolves its names while it races the ranked attempts at addresses that are
// known, and secures the first that answers.
//
// Dials leave from the listening port where that is possible, so that routers map both alike. When
// two peers dial each other at the same instant from their listening ports, TCP joins the two
// attempts into one connection on which both are initiators; that one fails its negotiation, and
// the attempt is repeated from another port.
//
// Borrows: everything it is given.   Thread: loop only.
// Errors: unreachable, unverified, timeout, busy; the detail names every address with its reason.
#pragma once

#include "p2p/swarm/address_book.h"
#include "p2p/swarm/budget.h"
#include "p2p/swarm/dial_plan.h"
#include "p2p/swarm/gater.h"
#include "p2p/swarm/upgrader.h"

namespace goop::p2p {

struct Dialled {
  Upgraded upgraded;
  ConnectionTicket ticket;
  Multiaddr remote, local;
};

class Dialer {
 public:
  struct Parts {
    Runtime& runtime;
    net::Network& network;
    const KeyPair& identity;
    std::shared_ptr<BlockPool> pool;
    Budget& budget;
    AddressBook& book;
    const Gater& gater;
    EarlyMuxer muxer;
  };
  explicit Dialer(Parts parts) : parts_(std::move(parts)) {}

  // Where we listen, as bound: dialled from, and never dialled.
  void set_listening(std::vector<net::Endpoint> bound, std::vector<net::Endpoint> own);

  Task<Dialled> dial(PeerId peer, Deadline by);

  // Whether `peer` answers at this address: returns, else throws as dial() does. Keeps nothing.
  Task<> prove(net::Endpoint at, PeerId peer, Deadline by);

  void forget_failures(const PeerId& peer) { backoff_.clear(peer); }

 private:
  struct Race;
  Task<> find(Race& race, PeerId peer, std::vector<DialAddress> known, Deadline by);
  Error why_lost(const Race& race, const PeerId& peer);
  DialRules rules() { return {.backoff = backoff_, .told = told_, .own = own_}; }
  Task<> run(Race& race, PeerId peer, Deadline by);
  Task<> compete(Race& race, std::size_t i, PeerId peer, Deadline by);
  void lost(Race& race, std::size_t i, const PeerId& peer, Error error);
  Task<Dialled> attempt_one(DialAttempt attempt, PeerId peer, Deadline by);
  Task<Upgraded> connect_and_upgrade(net::Endpoint to, std::optional<net::Endpoint> from,
                                     PeerId peer, Multiaddr& local, Deadline by);
  std::optional<net::Endpoint> port_for(const net::Endpoint& to) const;

  Parts parts_;
  Backoff backoff_;
  ToldDials told_;
  std::vector<net::Endpoint> bound_, own_;
};

}  // namespace goop::p2p
