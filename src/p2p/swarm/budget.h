// What may be open at once: counts and memory, in nested scopes (system ⊃ peer ⊃ stream, per
// protocol, and per network address). Every inbound thing takes a ticket before anything is
// allocated for it, and the ticket's destructor gives it back on every path.
//
//   auto ticket = budget.accept(remote_ip, now);         // before a byte is read
//   ...security handshake...
//   ticket->attach(peer);                                // leaves the handshake scope
//   auto stream = budget.stream(peer, Direction::inbound);
//   ...negotiation...
//   stream->attach(protocol, handler_limits);
//
// Loopback is exempt from what counts per address, never from the rest.
//
// Pure bookkeeping: no I/O, no clock.   Thread: loop only.   Outlives its tickets.
// Errors: busy, with the scope that is full in the detail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/keyed_limit.h"
#include "p2p/stream.h"

namespace goop::p2p {

// Start values of docs/dev/protocols/resource-limits.md.
struct BudgetLimits {
  std::size_t connections_in = 256, connections_out = 256, connections_total = 384;
  // Not yet proven: accepted or dialled, security under way. One network is an IPv4 /24 or an IPv6
  // /56; a class that starts at the same moment must fit in it.
  std::size_t handshakes_in = 128, handshakes_out = 160, handshakes_per_network = 48;
  std::size_t streams_in = 2048, streams_out = 4096;
  std::size_t memory = 256u << 20;

  std::size_t peer_connections = 8;
  std::size_t peer_streams_in = 256, peer_streams_out = 256;
  std::size_t peer_memory = 32u << 20;

  // Concurrent inbound connections of one address: wide enough for a class behind one router.
  std::size_t per_ip4 = 64, per_ip6_56 = 64, per_ip6_48 = 128;
  // New inbound connections per second of one IPv4 address or IPv6 /56.
  double rate_per_ip = 8;
  double burst_per_ip = 80;

  std::size_t low_water = 160, high_water = 192;  // connection manager
};

// How many of one protocol's inbound streams may be open at once.
struct HandlerLimits {
  std::size_t per_peer = 64;
  std::size_t total = 1024;
};

class Budget;

// A place for one connection. Empty after a move; the destructor gives back what it holds.
class ConnectionTicket {
 public:
  ConnectionTicket(ConnectionTicket&& other) noexcept { *this = std::move(other); }
  ConnectionTicket& operator=(ConnectionTicket&& other) noexcept;
  ~ConnectionTicket() { release(); }

  // The peer is proven: takes a place of the peer's and leaves the handshake scope. Once only.
  // busy: the peer has enough connections; the ticket stays as it was.
  Result<void> attach(const PeerId& peer);

 private:
  friend class Budget;
  ConnectionTicket(Budget& budget, Direction direction, IpAddress ip)
      : budget_(&budget), direction_(direction), ip_(std::move(ip)) {}
  void release();

  Budget* budget_ = nullptr;
  Direction direction_ = Direction::outbound;
  IpAddress ip_;
  PeerId peer_;  // empty while the handshake runs
};

// A place for one stream.
class StreamTicket {
 public:
  StreamTicket(StreamTicket&& other) noexcept { *this = std::move(other); }
  StreamTicket& operator=(StreamTicket&& other) noexcept;
  ~StreamTicket() { release(); }

  // The protocol of an inbound stream was agreed upon; outbound streams need no such place.
  Result<void> attach(const ProtocolId& protocol, HandlerLimits limits);

 private:
  friend class Budget;
  StreamTicket(Budget& budget, const PeerId& peer, Direction direction)
      : budget_(&budget), peer_(peer), direction_(direction) {}
  void release();

  Budget* budget_ = nullptr;
  PeerId peer_;
  Direction direction_ = Direction::outbound;
  std::optional<ProtocolId> protocol_;
};

// Growth makes a peer faster, and may take limits::growth_share of a scope only; the rest is for
// what peers have sent already.
enum class MemoryUse { growth, data };

// Bytes held for one peer; grows and shrinks.
class MemoryTicket {
 public:
  MemoryTicket(MemoryTicket&& other) noexcept { *this = std::move(other); }
  MemoryTicket& operator=(MemoryTicket&& other) noexcept;
  ~MemoryTicket() { release(); }

  // busy: it stays as it was. To fewer bytes it is never refused.
  Result<void> resize(std::size_t bytes, MemoryUse use = MemoryUse::data);
  std::size_t bytes() const { return bytes_; }

 private:
  friend class Budget;
  MemoryTicket(Budget& budget, const PeerId& peer) : budget_(&budget), peer_(peer) {}
  void release();

  Budget* budget_ = nullptr;
  PeerId peer_;
  std::size_t bytes_ = 0;
};

class Budget {
 public:
  explicit Budget(BudgetLimits limits);
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  ~Budget();  // no ticket may be left

  Result<ConnectionTicket> accept(const IpAddress& remote, Instant now);  // inbound
  Result<ConnectionTicket> dial();                                        // one outbound attempt
  Result<StreamTicket> stream(const PeerId& peer, Direction direction);
  Result<MemoryTicket> memory(const PeerId& peer, std::size_t bytes);

  const BudgetLimits& limits() const { return limits_; }

  struct Usage {
    std::size_t handshakes_in = 0, handshakes_out = 0;
    std::size_t connections_in = 0, connections_out = 0;  // handshakes included
    std::size_t streams_in = 0, streams_out = 0;
    std::size_t memory = 0;

    bool operator==(const Usage&) const = default;
  };
  const Usage& usage() const { return usage_; }
  std::size_t table_entries() const;  // of all tables that are keyed by what is remote

 private:
  friend ConnectionTicket;
  friend StreamTicket;
  friend MemoryTicket;

  struct PeerScope {
    std::size_t connections = 0, streams_in = 0, streams_out = 0, memory = 0;
    std::map<ProtocolId, std::size_t> protocols;  // inbound streams

    bool empty() const { return connections + streams_in + streams_out + memory == 0; }
  };
  using Counts = std::map<IpAddress, std::size_t>;

  Result<void> check_address(const IpAddress& ip, Instant now);
  void leave_handshake(Direction direction, const IpAddress& ip);
  void end_connection(const ConnectionTicket& ticket);
  void end_stream(const StreamTicket& ticket);
  Result<void> change_memory(const PeerId& peer, std::size_t from, std::size_t to, MemoryUse use);
  void forget_if_empty(const PeerId& peer);

  BudgetLimits limits_;
  Usage usage_;
  std::unordered_map<PeerId, PeerScope> peers_;
  std::map<ProtocolId, std::size_t> protocols_;  // inbound streams
  Counts handshakes_by_network_;                 // by /24 or /56
  Counts by_address_, by_ip6_48_;                // connections by IPv4 address or /56; by /48
  KeyedLimit<IpAddress> rates_;                  // by IPv4 address or /56
};

}  // namespace goop::p2p
