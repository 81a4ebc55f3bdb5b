// The other servers of the board: whom each of them says to be with it.
//
// A server is known by its first frame, and in step when nothing of its numbered news is missing
// and the sum it pulses is that of what we have. Out of step its last known share still counts, and
// it is asked to say it again. A peer is elsewhere as long as any server says so.
//
// Pure.   Limits: limits.h, "what comes": a server that is one too many is not listened to, and of
// a share no more peers are kept than the board has room for.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "rendezvous/backplane/frame.h"
#include "rendezvous/backplane/timing.h"

namespace goop::rendezvous::backplane {

class Others {
 public:
  Others(Duration ttl, std::size_t peers) : timing_(ttl), peers_(peers) {}

  // Each gives the peers that no server says to be with it any more. `gone` is that of a server
  // which has stopped or fallen silent, `heard` when it spoke last.
  using Peers = std::vector<p2p::PeerId>;
  struct Gone {
    ServerId server = 0;
    Instant heard{};
    Peers peers = {};
  };

  // False: one server too many.
  bool hear(ServerId from, Instant now);
  void pulse(ServerId from, const Pulse& pulse);
  // To be called before the entries of `news`, one by one, are.
  void begin(ServerId from, const News& news);
  // True: the peer has left, and no other server has it.
  bool note(ServerId from, const Entry& entry);
  Peers end(ServerId from, const News& news);
  Gone bye(ServerId from);

  // NATS is there, since then, or away.
  void connected(std::optional<Instant> since) { connected_ = since; }
  std::vector<Gone> expire(Instant now);
  // Whom to ask now for its whole share; counts as asked.
  std::vector<ServerId> to_ask(Instant now);

  bool have(const p2p::PeerId& peer) const;
  std::size_t servers() const { return servers_.size(); }
  std::size_t in_step() const;
  bool knows(ServerId server) const { return servers_.contains(server); }

 private:
  using Share = std::unordered_set<p2p::PeerId>;
  struct Server {
    Share share = {};
    std::uint64_t sum = 0;
    std::optional<Share> again = {};  // as far as it has been said again
    std::uint64_t next = 1;           // number of the news that are expected
    bool in_step = false;
    Instant heard{};
    Instant ask_after = Instant::min();
  };

  static void put(Server& server, const p2p::PeerId& peer);
  static void take(Server& server, const p2p::PeerId& peer);
  Gone remove(ServerId id);
  Instant patience_ends(const Server& server) const;

  Timing timing_;
  std::size_t peers_;
  std::optional<Instant> connected_;
  std::unordered_map<ServerId, Server> servers_;
};

}  // namespace goop::rendezvous::backplane
