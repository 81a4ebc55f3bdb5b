// What may be open at once: counts and memory, in nested scopes (system ⊃ peer ⊃ stream, per
// protocol, and per network address). Every inbound thing takes a ticket before anything is
// allocated for it, and the ticket's destructor gives it back on every path.
//
//   auto ticket = budget.accept(remote_ip, now);         // before a byte is read
//   ...security handshake...
//   ticket->attach(peer, now);                           // leaves the handshake scope
//   ticket->used(now);                                   // each time something was done over it
//   auto stream = budget.stream(peer, Direction::inbound);
//   ...negotiation...
//   stream->attach(protocol, handler_limits);
//
// Where a scope of inbound connections is full, room is made by the rules of base/fair_places.h,
// counted by IPv4 /24 and IPv6 /48, and a connection is refused only when no other has less of a
// right to its place. Whoever makes room is named to `Displaced`, counts no more, and has to be
// ended; until its ticket is gone it is one of limits::displaced_most.
//
// Loopback is exempt from what counts per address, never from the rest.
//
// Pure bookkeeping: no I/O, no clock.   Thread: loop only.   Outlives its tickets.
// Errors: busy, with the scope that is full in the detail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/fair_places.h"
#include "base/keyed_limit.h"
#include "p2p/stream.h"

namespace goop::p2p {

// Start values of docs/dev/protocols/resource-limits.md.
struct BudgetLimits {
  std::size_t connections_in = 256, connections_out = 256, connections_total = 384;
  // Not yet proven: accepted or dialled, security under way. One network is an IPv4 /24 or an IPv6
  // /48; a class that starts at the same moment must fit in it.
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

  // Of this connection, never given again.
  std::uint64_t id() const { return id_; }

  // The peer is proven: takes a place of the peer's and leaves the handshake scope. Once only.
  // busy: the peer has enough connections, or this one made room for another meanwhile; the ticket
  // stays as it was.
  Result<void> attach(const PeerId& peer, Instant now);

  // Something was done over the connection, which is proven: it is busy for a while.
  void used(Instant now);
  void set_known(bool known);  // of a proven peer: closed last

 private:
  friend class Budget;
  ConnectionTicket(Budget& budget, std::uint64_t id, Direction direction)
      : budget_(&budget), id_(id), direction_(direction) {}
  void release();

  Budget* budget_ = nullptr;
  std::uint64_t id_ = 0;
  Direction direction_ = Direction::outbound;
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
  // Told the id of a ticket whose connection has to end, since another got its place.
  using Displaced = std::function<void(std::uint64_t)>;

  explicit Budget(BudgetLimits limits, Displaced displaced = {});
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  ~Budget();  // no ticket may be left

  Result<ConnectionTicket> accept(const IpAddress& remote, Instant now);  // inbound
  Result<ConnectionTicket> dial(Instant now);                             // one outbound attempt
  Result<StreamTicket> stream(const PeerId& peer, Direction direction);
  Result<MemoryTicket> memory(const PeerId& peer, std::size_t bytes);

  // An accept would have to make room now.
  bool crowded() const;

  // Takes its place from the inbound connection that is worth least, of those that have been idle
  // since `before`; gives its ticket's id. For the connection manager: `Displaced` is not told.
  std::optional<std::uint64_t> shed(Instant before);

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
  using Places = FairPlaces<std::uint64_t, IpAddress>;
  using Victims = std::vector<std::uint64_t>;

  Result<Victims> make_room(const IpAddress& ip, Instant now) const;
  Result<void> room_of_address(const IpAddress& ip, Instant now, Victims& victims) const;
  bool total_full() const;
  void displace(std::uint64_t id);
  bool give_up_place(std::uint64_t id);
  void end_connection(const ConnectionTicket& ticket);
  void end_stream(const StreamTicket& ticket);
  Result<void> change_memory(const PeerId& peer, std::size_t from, std::size_t to, MemoryUse use);
  void forget_if_empty(const PeerId& peer);

  BudgetLimits limits_;
  Displaced displaced_;
  Usage usage_;
  std::uint64_t next_ticket_ = 1;
  std::unordered_map<PeerId, PeerScope> peers_;
  std::map<ProtocolId, std::size_t> protocols_;  // inbound streams
  Places handshakes_, inbound_;                  // ids of tickets, by /24 or /48
  std::map<std::uint64_t, IpAddress> remotes_;   // of those in inbound_
  std::set<std::uint64_t> displaced_ids_;        // until their tickets are gone
  Counts by_address_, by_ip6_48_;                // connections by IPv4 address or /56; by /48
  KeyedLimit<IpAddress> rates_;                  // by IPv4 address or /56
};

}  // namespace goop::p2p
