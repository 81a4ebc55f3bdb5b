// Addresses where a dial failed are left alone for a while, longer each time.
//
// Pure state.   Thread: loop only.   Limits: limits::backoff_*.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <utility>

#include "base/time.h"
#include "p2p/multi/multiaddr.h"

namespace goop::p2p {

class Backoff {
 public:
  void failed(const PeerId& peer, const Multiaddr& address, Instant now);
  void succeeded(const PeerId& peer, const Multiaddr& address);
  void clear(const PeerId& peer);  // by request: a person pressed "try again"

  // Until when the address is to be left alone; nullopt: it may be dialled now.
  std::optional<Instant> until(const PeerId& peer, const Multiaddr& address, Instant now) const;

  std::size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<PeerId, Multiaddr>;
  struct Entry {
    std::int64_t failures = 0;
    Instant until;
    std::list<Key>::iterator place;
  };
  std::map<Key, Entry> entries_;
  std::list<Key> order_;  // oldest failure first
};

}  // namespace goop::p2p
