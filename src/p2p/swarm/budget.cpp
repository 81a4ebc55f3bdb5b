#include "p2p/swarm/budget.h"

#include "net/network_prefix.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

using net::network_of;

constexpr auto one_address = net::prefix::household;
constexpr net::PrefixBits one_network{.v4 = 24, .v6 = 56};
constexpr net::PrefixBits wide_network{.v4 = 32, .v6 = 48};

bool is_local(const IpAddress& ip) { return scope_of(ip) == AddressScope::loopback; }

template <class Map, class Key>
std::size_t count_of(const Map& counts, const Key& key) {
  const auto at = counts.find(key);
  return at == counts.end() ? 0 : at->second;
}

template <class Map, class Key>
void give_back(Map& counts, const Key& key) {
  const auto at = counts.find(key);
  GOOP_ASSERT(at != counts.end() && at->second > 0);
  if (--at->second == 0) counts.erase(at);
}

std::size_t share_of(std::size_t scope, MemoryUse use) {
  if (use == MemoryUse::data) return scope;
  return static_cast<std::size_t>(static_cast<double>(scope) * limits::growth_share);
}

std::unexpected<Error> full(std::string_view scope, std::size_t limit) {
  return fail(Errc::busy, "{}: all {} in use", scope, limit);
}

}  // namespace

Budget::Budget(BudgetLimits limits)
    : limits_(limits),
      rates_({.per_second = limits.rate_per_ip,
              .burst = limits.burst_per_ip,
              .keys = limits::rate_entries}) {}

Budget::~Budget() { GOOP_ASSERT(usage_ == Usage{}); }

Result<void> Budget::check_address(const IpAddress& ip, Instant now) {
  if (is_local(ip)) return {};
  if (count_of(handshakes_by_network_, network_of(ip, one_network)) >=
      limits_.handshakes_per_network) {
    return full("handshakes of one network", limits_.handshakes_per_network);
  }
  const IpAddress address = network_of(ip, one_address);
  const std::size_t per_address = address.is_v4() ? limits_.per_ip4 : limits_.per_ip6_56;
  if (count_of(by_address_, address) >= per_address) {
    return full("connections of one address", per_address);
  }
  if (address.is_v6() && count_of(by_ip6_48_, network_of(ip, wide_network)) >= limits_.per_ip6_48) {
    return full("connections of one /48", limits_.per_ip6_48);
  }
  // Last, so that what was refused for another reason costs no token.
  if (!rates_.allow(address, now)) {
    return fail(Errc::busy, "new connections of one address: more than {} per second",
                limits_.rate_per_ip);
  }
  return {};
}

Result<ConnectionTicket> Budget::accept(const IpAddress& remote, Instant now) {
  if (usage_.handshakes_in >= limits_.handshakes_in) {
    return full("inbound handshakes", limits_.handshakes_in);
  }
  if (usage_.connections_in >= limits_.connections_in) {
    return full("inbound connections", limits_.connections_in);
  }
  if (usage_.connections_in + usage_.connections_out >= limits_.connections_total) {
    return full("connections", limits_.connections_total);
  }
  GOOP_CHECK(check_address(remote, now));
  ++usage_.handshakes_in;
  ++usage_.connections_in;
  if (!is_local(remote)) {
    const IpAddress address = network_of(remote, one_address);
    ++handshakes_by_network_[network_of(remote, one_network)];
    ++by_address_[address];
    if (address.is_v6()) ++by_ip6_48_[network_of(remote, wide_network)];
  }
  return ConnectionTicket(*this, Direction::inbound, remote);
}

Result<ConnectionTicket> Budget::dial() {
  if (usage_.handshakes_out >= limits_.handshakes_out) {
    return full("dials", limits_.handshakes_out);
  }
  if (usage_.connections_out >= limits_.connections_out) {
    return full("outbound connections", limits_.connections_out);
  }
  if (usage_.connections_in + usage_.connections_out >= limits_.connections_total) {
    return full("connections", limits_.connections_total);
  }
  ++usage_.handshakes_out;
  ++usage_.connections_out;
  return ConnectionTicket(*this, Direction::outbound, {});
}

void Budget::leave_handshake(Direction direction, const IpAddress& ip) {
  if (direction == Direction::outbound) {
    --usage_.handshakes_out;
    return;
  }
  --usage_.handshakes_in;
  if (!is_local(ip)) give_back(handshakes_by_network_, network_of(ip, one_network));
}

void Budget::end_connection(const ConnectionTicket& ticket) {
  if (ticket.peer_.empty()) {
    leave_handshake(ticket.direction_, ticket.ip_);
  } else {
    --peers_.at(ticket.peer_).connections;
    forget_if_empty(ticket.peer_);
  }
  if (ticket.direction_ == Direction::outbound) {
    --usage_.connections_out;
    return;
  }
  --usage_.connections_in;
  if (is_local(ticket.ip_)) return;
  const IpAddress address = network_of(ticket.ip_, one_address);
  give_back(by_address_, address);
  if (address.is_v6()) give_back(by_ip6_48_, network_of(ticket.ip_, wide_network));
}

Result<StreamTicket> Budget::stream(const PeerId& peer, Direction direction) {
  const bool in = direction == Direction::inbound;
  std::size_t& used = in ? usage_.streams_in : usage_.streams_out;
  const std::size_t most = in ? limits_.streams_in : limits_.streams_out;
  if (used >= most) return full(in ? "inbound streams" : "outbound streams", most);

  const auto at = peers_.find(peer);
  const std::size_t peer_used =
      at == peers_.end() ? 0 : (in ? at->second.streams_in : at->second.streams_out);
  const std::size_t peer_most = in ? limits_.peer_streams_in : limits_.peer_streams_out;
  if (peer_used >= peer_most) {
    return full(in ? "inbound streams of one peer" : "outbound streams to one peer", peer_most);
  }
  ++used;
  PeerScope& scope = peers_[peer];
  ++(in ? scope.streams_in : scope.streams_out);
  return StreamTicket(*this, peer, direction);
}

void Budget::end_stream(const StreamTicket& ticket) {
  const bool in = ticket.direction_ == Direction::inbound;
  PeerScope& scope = peers_.at(ticket.peer_);
  if (ticket.protocol_) {
    give_back(protocols_, *ticket.protocol_);
    give_back(scope.protocols, *ticket.protocol_);
  }
  --(in ? scope.streams_in : scope.streams_out);
  --(in ? usage_.streams_in : usage_.streams_out);
  forget_if_empty(ticket.peer_);
}

Result<MemoryTicket> Budget::memory(const PeerId& peer, std::size_t bytes) {
  MemoryTicket ticket(*this, peer);
  GOOP_CHECK(ticket.resize(bytes));
  return ticket;
}

Result<void> Budget::change_memory(const PeerId& peer, std::size_t from, std::size_t to,
                                   MemoryUse use) {
  const auto at = peers_.find(peer);
  const std::size_t held = at == peers_.end() ? 0 : at->second.memory;
  if (to > from) {
    const std::size_t more = to - from;
    const std::size_t most = share_of(limits_.memory, use);
    const std::size_t peer_most = share_of(limits_.peer_memory, use);
    if (more > most - std::min(most, usage_.memory)) return full("memory", most);
    if (more > peer_most - std::min(peer_most, held)) return full("memory of one peer", peer_most);
  }
  if (to == from) return {};
  usage_.memory += to - from;  // wraps to the right sum when it shrinks
  peers_[peer].memory = held + to - from;
  forget_if_empty(peer);
  return {};
}

void Budget::forget_if_empty(const PeerId& peer) {
  const auto at = peers_.find(peer);
  if (at != peers_.end() && at->second.empty()) peers_.erase(at);
}

std::size_t Budget::table_entries() const {
  return peers_.size() + protocols_.size() + handshakes_by_network_.size() + by_address_.size() +
         by_ip6_48_.size() + rates_.size();
}

}  // namespace goop::p2p
