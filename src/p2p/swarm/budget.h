// What may be open at once: counts and memory, in nested scopes (system ⊃ peer ⊃ connection ⊃
// stream, and per protocol). Every inbound thing takes a ticket before anything is allocated for
// it, and the ticket's destructor gives it back on every path.
//
// Pure bookkeeping: no I/O, no clock.   Thread: loop only.
// Errors: busy, with the scope that is full in the detail.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goop::p2p {

// Start values of docs/dev/protocols/resource-limits.md.
struct BudgetLimits {
  std::size_t connections_in = 256, connections_out = 256, connections_total = 384;
  std::size_t handshakes_in = 128, handshakes_per_network = 8;  // per /24 or /56; loopback exempt
  std::size_t streams_in = 2048, streams_out = 4096;
  std::size_t memory = 256u << 20;

  std::size_t peer_connections = 8;
  std::size_t peer_streams_in = 256, peer_streams_out = 256;
  std::size_t peer_memory = 32u << 20;

  // Concurrent connections of one address: wide enough for a class behind one router.
  std::size_t per_ip4 = 64, per_ip6_56 = 64, per_ip6_48 = 128;
  // New connections of one address; loopback is exempt.
  double rate_per_ip = 8;
  double burst_per_ip = 80;

  std::size_t low_water = 160, high_water = 192;  // connection manager
};

}  // namespace goop::p2p
