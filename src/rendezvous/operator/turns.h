// Whose password is hashed next: one at a time, who is known first.
//
//   auto turn = co_await turns.take(standing, asker);   // null: too many wait, come back later
//   …hash…                                              // while `turn` lives, nobody else does
//
// Who is known goes first. Among equals the network (IPv4 /24, IPv6 /48) that asked least of
// late does, then the client that did, so a crowd in a few networks delays nobody elsewhere. Each
// standing has its share of a core and waits when it has used that up. When too many wait, the last
// in this order gives way.
//
// Borrows: Runtime.   Thread: loop only.   Limits: limits::password_queue, password_share, …
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/keyed_limit.h"
#include "base/rate_limit.h"
#include "base/signal.h"
#include "net/network.h"

namespace goop::rendezvous {

enum class Standing { known, solver, stranger };  // in order of precedence; see password_check.h

// Who asks: the address itself, and the client that it counts for.
struct Asker {
  net::IpAddress address, client;
  std::string proof = {};  // of work (puzzle.h), if any
};

class Turns {
 public:
  explicit Turns(Runtime& runtime);

  class Turn {
   public:
    Turn(Turns& turns, Standing standing);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    Turns& turns_;
    Standing standing_;
    Instant since_;
  };
  Task<std::unique_ptr<Turn>> take(Standing standing, Asker asker);

  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Place {
    Standing standing;
    Duration network, client;  // what each has asked for of late
    std::uint64_t number;
    bool dropped = false;
    auto order() const { return std::tie(standing, network, client, number); }
  };
  class Waiting;
  Place place_for(Standing standing, const Asker& asker);
  Duration pause_of(const Place& place);
  bool is_next(const Place& place);
  void drop_last();

  Runtime& runtime_;
  KeyedLimit<net::IpAddress> networks_, clients_;
  std::array<TokenBucket, 3> shares_;  // of each standing, in seconds of a core
  std::vector<Place*> waiting_;
  std::uint64_t number_ = 0;
  bool taken_ = false;
  Signal changed_;
};

}  // namespace goop::rendezvous
