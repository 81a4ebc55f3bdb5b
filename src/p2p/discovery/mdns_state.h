// Multicast DNS of one peer: when to ask, when to answer, what to believe.
//
// Pure state in given time: networks, packets and ticks in, packets and reports out. Each network
// and address family is a channel of its own, with its schedule:
//
//   a new or changed network   ask and announce at once; announce again after a second
//   asking                     after 1 s, then at least doubling, up to every minute; those we know
//                              are listed and stay silent; a minute's question is asked by whoever
//                              is first
//   asked                      answer at once, for all in one packet if that was just done
//   changed addresses          goodbye and a new announcement, since go-libp2p never reads twice
//   a neighbour was lost       soon, then at least doubling, up to every 6 s while it is missed;
//                              it is not listed, so it answers
//   a tick far too late        we were asleep: begin anew
//
// Probing for a free name is left out: ours are 40 letters of chance.
//
// Limits: limits::mdns_*.   Errors: none; what cannot be understood is counted and dropped.
#pragma once

#include <functional>
#include <map>

#include "p2p/discovery/neighbours.h"

namespace goop::p2p::discovery {

class MdnsState {
 public:
  using Chance = std::function<std::uint64_t(std::uint64_t bound)>;  // uniform in [0, bound)

  MdnsState(Names names, PeerId self, Chance chance)
      : names_(std::move(names)), self_(self), chance_(std::move(chance)) {}

  void set_lans(std::vector<Lan> lans, Instant now);
  void set_addresses(std::vector<Multiaddr> listening, Instant now);
  void restart(unsigned lan, Instant now);  // what was sent there was lost
  // The connection to this peer ended without a goodbye. Nothing happens unless it is a neighbour.
  void lost(const PeerId& peer, Instant now);

  struct Arrival {
    unsigned lan = 0;
    net::Endpoint from;
  };
  void on_packet(const Arrival& arrival, BytesView packet, Instant now);
  void on_tick(Instant now);
  Instant next() const;  // when on_tick wants to be called

  void goodbye();  // the last words on every channel; nothing is said or heard after them

  struct Packet {
    unsigned lan = 0;
    net::Endpoint to;
    Bytes bytes;
  };
  std::vector<Packet> take_packets() { return std::exchange(packets_, {}); }
  std::vector<Neighbours::Report> take_reports() { return neighbours_.take_reports(); }

  const std::vector<Lan>& lans() const { return lans_; }
  const Neighbours& neighbours() const { return neighbours_; }

  struct Counters {
    std::uint64_t received = 0;  // packets that name our service
    std::uint64_t dropped = 0;   // of these: over the rate, not from a neighbour, not understood
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Channel {
    net::Family family;
    TokenBucket rate{limits::mdns_packet_rate, limits::mdns_packet_burst};
    Instant ask_at = Instant::max();
    Duration ask_gap{};
    std::uint16_t asked_id = 0;
    Instant announce_at = Instant::max();
    int announcements_left = 0;
    Instant answer_at = Instant::max();  // somebody waits for an answer
    std::uint16_t answer_id = 0;
    Instant last_answer = Instant::min();
    bool announced = false;
  };
  using Key = std::pair<unsigned, net::Family>;  // index of the network

  const Lan* lan(unsigned index) const;
  void begin(const Key& key, Channel& channel, Instant now);
  void announce(const Key& key, Channel& channel, Instant now);
  void announce_all(Instant now);
  void run(const Key& key, Channel& channel, Instant now);

  void ask(const Key& key, Channel& channel, Instant now);
  void asked(Channel& channel, Instant now);
  Duration longest_gap(Instant now) const;
  Duration some(Duration of) { return Duration(chance_(static_cast<std::uint64_t>(of.count()))); }
  enum class Kind { answer, announcement };
  void answer(const Key& key, Channel& channel, Kind kind, Instant now);
  Bytes answer_on(unsigned index, std::uint16_t id, Flush flush) const;
  void send(const Key& key, Bytes bytes);

  bool names_us(BytesView packet) const;
  void on_query(const Key& key, Channel& channel, const Message& query, const net::Endpoint& from,
                Instant now);
  bool asks_for_us(const Key& key, const Channel& channel, const Message& query,
                   const net::Endpoint& from, Instant now) const;
  void on_response(const Message& response, const Arrival& arrival, Instant now);

  Names names_;
  PeerId self_;
  Chance chance_;
  std::vector<Lan> lans_;
  std::vector<Multiaddr> listening_;
  std::map<Key, Channel> channels_;
  Neighbours neighbours_;
  std::vector<Packet> packets_;
  Counters counters_;
  bool silent_ = false;
};

}  // namespace goop::p2p::discovery
