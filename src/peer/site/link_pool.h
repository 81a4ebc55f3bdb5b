// Streams to owners that wait for the next request, and how many are on loan.
//
// A stream is borrowed for one request. Whoever has read its answer to the end gives it back; a
// loan that is dropped before that resets its stream, since nobody knows what is still to come on
// it. Streams that nobody borrowed for limits::fetch_idle are ended in order.
//
// Owns: idle streams.   Borrows: Runtime.   Thread: loop only. Outlives its loans.
// Limits: limits.h, "fetching".
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/signal.h"
#include "p2p/duplex.h"
#include "p2p/multi/peer_id.h"

namespace goop::peer::site {

// A stream to an owner, and which version was agreed. Dropping `io` resets it.
struct SiteLink {
  enum class Version { v1, v2 };

  std::unique_ptr<p2p::Duplex> io;
  Version version = Version::v2;
  std::function<void(p2p::Duplex&)> close;  // ends it in order instead
};

class LinkPool {
 public:
  explicit LinkPool(Runtime& runtime);

  class Loan {
   public:
    Loan(LinkPool& pool, p2p::PeerId owner);
    Loan(Loan&& other) noexcept;
    Loan& operator=(Loan&&) = delete;
    ~Loan();

    p2p::Duplex& io() { return *link.io; }
    void give_back();  // the answer has been read to its end

    SiteLink link;

   private:
    LinkPool* pool_;
    p2p::PeerId owner_;
  };

  enum class From { idle_or_fresh, fresh };

  // An idle stream, or a loan without one (`link.io` is null) for the caller to open. Waits while
  // the owner has as many loans as are allowed; throws timeout.
  Task<Loan> take(p2p::PeerId owner, From from, Deadline by);

  void forget(const p2p::PeerId& owner);  // ends its idle streams
  void forget_all();
  std::size_t idle() const { return idle_.size(); }

 private:
  struct Idle {
    p2p::PeerId owner;
    SiteLink link;
    Instant until;
  };

  void keep(const p2p::PeerId& owner, SiteLink link);
  void end(std::list<Idle>::iterator idle);
  void end_stale();
  void count_down(const p2p::PeerId& owner);

  Runtime& runtime_;
  std::list<Idle> idle_;  // oldest first
  std::unordered_map<p2p::PeerId, std::size_t> loans_;
  Signal returned_;
  Timer stale_;
};

}  // namespace goop::peer::site
