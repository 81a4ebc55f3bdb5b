// Which addresses of a peer are dialled, in what order, and with what head start.
//
// Pure policy after Happy Eyeballs (RFC 8305) as go-libp2p ranks: private and public addresses are
// groups of their own that start together. In a group IPv6 goes first, IPv4 a step later, the rest
// one more step later; relay addresses wait when there is a public direct way. A failure that
// leaves nothing under way brings the next attempt forward.
//
//   auto attempts = plan_dial(peer, resolved, rules, now);
//   DialRace race(std::move(*attempts), now);
//   for (;;) { auto step = race.next(now()); … start step.start, wait until step.again or news … }
//
// Pure: no I/O, no clock.   Thread: loop only.   Limits: limits::dial_*.
// Errors: unreachable (nothing can be dialled; the detail says why), busy (all in back-off).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/keyed_limit.h"
#include "net/network.h"
#include "p2p/swarm/backoff.h"
#include "p2p/swarm/dial_address.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {

struct DialAttempt {
  Multiaddr address;   // resolved; without /p2p of the peer itself
  net::Endpoint to;    // of a circuit address: the relay's
  Duration delay{};    // after the start of the race
  Duration timeout{};  // from its own start, security and muxer included
};

// How often others may make us dial one IP address, whichever peers they say are there.
class ToldDials {
 public:
  bool take(const IpAddress& target, Instant now) { return limit_.allow(target, now); }
  std::size_t size() const { return limit_.size(); }

 private:
  KeyedLimit<IpAddress> limit_{{.per_second = limits::told_dial_rate,
                                .burst = limits::told_dial_burst,
                                .keys = limits::told_dial_targets}};
};

struct DialRules {
  const Backoff& backoff;
  ToldDials& told;                     // charged for what is planned
  std::span<const net::Endpoint> own;  // where we listen, wildcards resolved: never dialled
  bool circuits = false;               // a relay client is there to dial them
};

// `resolved` holds IP addresses only (resolve_plan.h); names in it are skipped.
Result<std::vector<DialAttempt>> plan_dial(const PeerId& peer,
                                           std::span<const DialAddress> resolved,
                                           const DialRules& rules, Instant now);

// The attempts of one peer dial as they run: says what to start when. The first success wins.
// Attempts may be added while names are still being asked for; until all are known the race goes on
// though every attempt so far has failed.
class DialRace {
 public:
  enum class Attempts { all_known, more_to_come };
  DialRace(std::vector<DialAttempt> attempts, Instant start,
           Attempts attempts_known = Attempts::all_known);

  // Their head starts count from now. Those of addresses it has, or beyond limits::dial_addresses,
  // are left out.
  void add(std::vector<DialAttempt> attempts, Instant now);
  void all_known() { known_ = Attempts::all_known; }

  const DialAttempt& attempt(std::size_t i) const { return attempts_[i]; }
  std::size_t size() const { return attempts_.size(); }

  struct Step {
    std::vector<std::size_t> start;  // now; each is reported by failed or connected later
    std::optional<Instant> again;    // ask then even when nothing was reported
  };
  Step next(Instant now);

  void failed(std::size_t i, Error why);
  void connected(std::size_t i);  // later reports change nothing

  std::optional<std::size_t> winner() const { return winner_; }
  bool over() const;                         // there is a winner, or all there will be have failed
  std::vector<std::size_t> running() const;  // to be cancelled once there is a winner

  // Why it failed, for a person: every address with its own reason. The code is the most telling
  // one: somebody else is there (unverified), then whatever shows that somebody is, then
  // unreachable.
  Error error() const;

 private:
  enum class State { waiting, running, failed, won };
  struct Lane {
    State state = State::waiting;
    std::optional<Error> why;
  };
  std::size_t count(State state) const;

  std::vector<DialAttempt> attempts_;
  std::vector<Lane> lanes_;
  Instant start_;
  Attempts known_;
  std::optional<std::size_t> winner_;
};

}  // namespace goop::p2p
