// The peers heard of on local networks, and when it is time to tell somebody.
//
// A report may lead to a dial, and everything here is a stranger's word: so a peer is reported when
// it is new, when its addresses have changed, else at most every limits::mdns_report_gap while it
// is heard of, and all peers together within limits::mdns_report_rate. What cannot be reported now
// although it should (a peer came back, the rate is used up) is owed, and reported by on_tick.
//
// Pure.   Limits: limits::mdns_peers; the peer that was not heard of for longest makes room.
#pragma once

#include <optional>
#include <unordered_map>

#include "base/rate_limit.h"
#include "p2p/discovery/limits.h"
#include "p2p/discovery/mdns_packets.h"

namespace goop::p2p::discovery {

class Neighbours {
 public:
  struct Report {
    PeerId peer;
    std::vector<Multiaddr> addresses;
  };

  // A sighting with a peer and addresses, on the network with that index.
  void heard(Sighting sighting, unsigned lan, Instant now);
  void gone(const Name& instance);  // it said goodbye

  // It was connected, and is no more, without a goodbye: its record is doubtful (RFC 6762 10.4),
  // and it is missed until it is heard, on whichever network, or for limits::mdns_missed_life.
  // False: it is none of the neighbours.
  bool lost(const PeerId& peer, Instant now);
  bool misses_any(Instant now) const;

  // What the others on that network need not say again (RFC 6762 7.1).
  std::vector<Record> known_on(unsigned lan, const Name& service, Instant now) const;
  bool knows(const Name& instance, unsigned lan) const;
  void forget_known_on(unsigned lan);

  void on_tick(Instant now);
  Instant next() const;  // when on_tick wants to be called
  std::vector<Report> take_reports() { return std::exchange(reports_, {}); }
  std::size_t size() const { return peers_.size(); }

 private:
  struct Neighbour {
    std::vector<Multiaddr> addresses;
    Instant last_heard{}, last_report = Instant::min();
    bool owed = false;

    Name instance;
    unsigned lan = 0;
    bool known = false;  // the instance may be listed as known on that network
    Duration life{};     // of the instance's record, from last_heard
    std::optional<Instant> lost;
  };

  Neighbour& entry(const PeerId& peer);
  void report(const PeerId& peer, Neighbour& neighbour, Instant now);
  static Instant due(const Neighbour& neighbour);

  std::unordered_map<PeerId, Neighbour> peers_;
  std::vector<Report> reports_;
  TokenBucket rate_{limits::mdns_report_rate, limits::mdns_report_burst};
  Instant rate_empty_until_{};
};

}  // namespace goop::p2p::discovery
