// Peers on the same local network find each other without any set-up: multicast DNS.
//
// This moves the packets; what is said and when is decided by discovery/mdns_state.h. A network
// that cannot be used (port taken, no interface) is a warning with its cause and tried again for as
// long as run() runs: a peer works without neighbours.
//
//   Mdns mdns(runtime, network, {.service = "goop-mdns", .self = host.id(),
//                                .addresses = [&] { return host.listening(); },
//                                .on_found = [&](PeerId peer, std::vector<Multiaddr> addresses)
//                                {…}});
//   tasks.spawn(mdns.run());   …   co_await mdns.goodbye(by);   // before the host stops
//
// What is found is hearsay: only the handshake proves who answers at an address.
//
// Spec:   libp2p/specs discovery/mdns, RFC 6762 (docs/dev/protocols/mdns.md)
// Owns:   the sockets.   Borrows: Runtime, Network.   Thread: loop only.
// Limits: limits::mdns_*.   Errors: none; cancellation ends run().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/network.h"
#include "p2p/multi/multiaddr.h"

namespace goop::p2p::discovery {

class Mdns {
 public:
  struct Options {
    std::string service = "goop-mdns";  // "goop-mdns" is goop-mdns.local., "_p2p._udp" libp2p's own
    PeerId self;

    // Where we listen, asked at the start, on addresses_changed() and when interfaces change.
    // Wildcards (/ip4/0.0.0.0/tcp/…) become the addresses of each interface; what is of no use to
    // a neighbour (loopback, relays) is left out.
    std::function<std::vector<Multiaddr>()> addresses;

    // A neighbour and its addresses, without /p2p: in private networks, or in a subnet of the
    // network on which it was heard. Told again when the addresses change, and every now and then
    // while the neighbour is heard of. Under our own id: somebody says to have our identity. Called
    // on the loop, perhaps within another call of this class.
    std::function<void(PeerId, std::vector<Multiaddr>)> on_found;
  };

  Mdns(Runtime& runtime, net::Network& network, Options options);
  ~Mdns();

  Task<> run();  // until cancelled

  // Says on every interface that we are going, and is silent from then on.
  Task<> goodbye(Deadline by);

  void addresses_changed();

  // The connection to this peer ended without a goodbye: when it is a neighbour it is asked for
  // until it answers, and is not told to stay silent.
  void lost(const PeerId& peer);

  // Whether the address is in a subnet that is attached to one of the networks spoken on.
  bool is_neighbour(const net::IpAddress& address) const;

  struct Counters {
    std::uint64_t packets_in = 0, packets_out = 0;  // those for our service
    std::uint64_t dropped = 0;  // over the rate, from elsewhere, or not understood
    std::uint64_t send_failures = 0;
    std::uint64_t reports = 0;   // calls of on_found
    std::size_t peers = 0;       // remembered now
    std::size_t interfaces = 0;  // spoken on now
  };
  Counters counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::p2p::discovery
