// When what happens between servers, all of it made from the TTL of the board.
//
//   pulse          each server says so often what it has told in all
//   leave_grace    a row that a server lets go has so long to be with another one, or to be put
//                  right, should the word have been false
//   patience       silence after which a server is gone, and so are its rows
//   patience_alone the same while NATS is away: nobody can be heard then
#pragma once

#include <algorithm>

#include "base/time.h"
#include "rendezvous/backplane/limits.h"

namespace goop::rendezvous::backplane {

struct Timing {
  explicit Timing(Duration ttl)
      : pulse(std::clamp<Duration>(ttl / 6, limits::pulse_least, limits::pulse_most)),
        leave_grace(2 * pulse),
        patience(ttl),
        patience_alone(2 * ttl),
        patience_most(3 * ttl) {}

  Duration pulse, leave_grace, patience, patience_alone;
  Duration patience_most;  // however often NATS comes and goes
};

}  // namespace goop::rendezvous::backplane
