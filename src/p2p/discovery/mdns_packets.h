// What peers say to each other by multicast DNS: the one layout that go-, js- and rust-libp2p read.
//
//   answer      PTR  <service>            → <instance>           alone, since js takes the last one
//   additional  SRV  <instance>           → <host>, port 4001    go wants it, the port is ignored
//               TXT  <instance>             "dnsaddr=/ip4/…/tcp/…/p2p/<id>", … in one record:
//                                           go keeps only the last record of a name
//               A, AAAA <host>              of the interface     go drops peers without one
//
// Pure. Spec: libp2p/specs discovery/mdns; docs/dev/protocols/mdns.md says who needs what.
#pragma once

#include <span>

#include "p2p/discovery/dns.h"
#include "p2p/discovery/lan.h"
#include "p2p/multi/multiaddr.h"

namespace goop::p2p::discovery {

inline constexpr std::uint16_t mdns_port = 5353;

// The group of a family, with the port.
net::Endpoint mdns_group(net::Family family);

// What a peer of one process is called. The instance is a name of chance, new with each start,
// since others remember an instance for its TTL and would not see it return.
struct Names {
  Name service, instance, host;

  // invalid: `tag` makes no DNS name. `peer`: letters and digits, at most 63.
  static Result<Names> make(std::string_view tag, std::string_view peer);
};

// Our TCP addresses as neighbours on `here` should try them: its own first, at most
// limits::mdns_peer_addresses. Wildcards become the addresses of all networks.
std::vector<Multiaddr> addresses_for(const Lan& here, std::span<const Lan> all,
                                     std::span<const Multiaddr> listening);

Bytes query_packet(std::uint16_t id, const Names& names, std::vector<Record> known);

// Whether older records of the same names are to be forgotten.
enum class Flush { no, yes };
Bytes answer_packet(std::uint16_t id, const Names& names, const PeerId& self, const Lan& here,
                    std::span<const Multiaddr> addresses, Flush flush);

Bytes goodbye_packet(const Names& names);

// An instance of the service that a response is about.
struct Sighting {
  Name instance;
  Duration life{};  // zero: it said goodbye
  PeerId peer;      // nobody: a goodbye, or nothing of use was said
  std::vector<Multiaddr> addresses;
};
// Addresses that neighbours may make us dial: TCP in private networks, and in the subnets of the
// network on which it was said, whatever addresses those have. Never other internet addresses,
// loopback or names.
std::vector<Sighting> read_sightings(const Message& response, const Name& service, const Lan& here);

// Whether a query wants to hear of us.
enum class Wish { nothing, everybody, alone };
Wish wish_of(const Message& query, const Names& names);

}  // namespace goop::p2p::discovery
