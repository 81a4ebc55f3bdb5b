// Who may be served now: rates of requests, and how many answers are under way.
//
// A refused request (not found, forbidden, malformed) costs a hundred good ones, so that guessing
// names is slow while a page with a thousand pictures is not. Each answer under way holds a slot
// (a file, a chunk of memory), and who finds none waits: one peer's slow readers delay that peer.
//
// Thread: loop only.   Owns: the buckets and counts.   Limits: limits.h, "serving".
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>

#include "base/keyed_limit.h"
#include "base/signal.h"
#include "p2p/multi/peer_id.h"

namespace goop::peer::site {

class Admission {
 public:
  explicit Admission(Runtime& runtime);

  bool admit(const p2p::PeerId& peer);    // counts one request; false: over the rate
  void refused(const p2p::PeerId& peer);  // that request was answered with a refusal

  // The right to have one answer under way; given back when it dies, before the Admission does.
  class Slot {
   public:
    Slot(Admission& admission, p2p::PeerId peer) : admission_(&admission), peer_(peer) {}
    Slot(Slot&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), peer_(other.peer_) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(peer_, other.peer_);
      return *this;
    }
    ~Slot() {
      if (admission_) admission_->give_back(peer_);
    }

   private:
    Admission* admission_;
    p2p::PeerId peer_;
  };
  std::optional<Slot> try_slot(const p2p::PeerId& peer);
  Task<std::optional<Slot>> slot(p2p::PeerId peer, Deadline by);  // nullopt: none before `by`

  std::size_t answers() const { return total_; }
  std::size_t rated_peers() const { return rates_.size(); }

 private:
  void give_back(const p2p::PeerId& peer);

  Runtime& runtime_;
  Signal freed_;
  KeyedLimit<p2p::PeerId> rates_;
  std::unordered_map<p2p::PeerId, std::size_t> answers_;
  std::size_t total_ = 0;
};

}  // namespace goop::peer::site
