// Which public addresses are ours, judged by how others see us.
//
// One peer's word is only a hint: it could make us advertise a victim. An address counts when four
// observers in different places (IPv4 address, or IPv6 /56) agree, each with one vote per family,
// its newest. Only connections that use a listening port are witnesses: the observed port of any
// other is of no use to a stranger.
//
// Pure state.   Thread: loop only.   Limits: limits::observers_*, observed_addresses,
// observation_life.
#pragma once

#include <list>
#include <map>
#include <span>
#include <vector>

#include "base/time.h"
#include "net/network.h"
#include "p2p/multi/multiaddr.h"

namespace goop::p2p {

class ObservedAddresses {
 public:
  struct Observation {
    Multiaddr observed;  // how the peer says it sees us
    Multiaddr remote;    // where the peer is, by our own eyes
    Multiaddr local;     // our end of that connection
  };

  // forbidden: of no use as a vote; the detail says why. `listeners`: as bound.
  Result<void> add(const Observation& observation, std::span<const net::Endpoint> listeners,
                   Instant now);

  // Addresses with enough votes, most votes first.
  std::vector<Multiaddr> ours(Instant now) const;

  void clear() { votes_.clear(), order_.clear(); }  // our network changed
  std::size_t size() const { return votes_.size(); }

 private:
  struct Voter {
    IpAddress place;  // IPv4 address, or the first address of the IPv6 /56
    bool about_v6;
    bool operator<(const Voter& other) const {
      return about_v6 != other.about_v6 ? about_v6 < other.about_v6 : place < other.place;
    }
  };
  struct Vote {
    Multiaddr address;
    Instant at;
    std::list<Voter>::iterator place;
  };
  std::map<Voter, Vote> votes_;
  std::list<Voter> order_;  // oldest vote first
};

}  // namespace goop::p2p
