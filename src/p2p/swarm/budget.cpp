#include "p2p/swarm/budget.h"

#include <algorithm>

#include "net/network_prefix.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

using net::network_of;

constexpr auto one_address = net::prefix::household;
constexpr auto one_network = net::prefix::network;

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

Budget::Budget(BudgetLimits limits, Displaced displaced)
    : limits_(limits),
      displaced_(std::move(displaced)),
      handshakes_({.places = limits.handshakes_in}),
      inbound_({.places = limits.connections_in}),
      rates_({.per_second = limits.rate_per_ip,
              .burst = limits.burst_per_ip,
              .keys = limits::rate_entries}) {}

Budget::~Budget() { GOOP_ASSERT(usage_ == Usage{}); }

// --- connections ---

bool Budget::total_full() const {
  return inbound_.size() + usage_.connections_out >= limits_.connections_total;
}

bool Budget::crowded() const { return handshakes_.full() || inbound_.full() || total_full(); }

// Caps within one address or network: its own idle connections make room.
Result<void> Budget::room_of_address(const IpAddress& ip, Instant now, Victims& victims) const {
  const IpAddress network = network_of(ip, one_network), address = network_of(ip, one_address);
  if (handshakes_.held_by(network) >= limits_.handshakes_per_network) {
    const auto victim = handshakes_.idle_in(network, now, [](std::uint64_t) { return true; });
    if (!victim) return full("handshakes of one network", limits_.handshakes_per_network);
    victims.push_back(*victim);
  }
  const auto same_address = [&](std::uint64_t id) {
    return network_of(remotes_.at(id), one_address) == address;
  };
  const std::size_t per_address = address.is_v4() ? limits_.per_ip4 : limits_.per_ip6_56;
  if (count_of(by_address_, address) >= per_address &&
      std::ranges::none_of(victims, same_address)) {
    const auto victim = inbound_.idle_in(network, now, same_address);
    if (!victim) return full("connections of one address", per_address);
    victims.push_back(*victim);
  }
  if (address.is_v6() && count_of(by_ip6_48_, network) >= limits_.per_ip6_48 && victims.empty()) {
    const auto victim = inbound_.idle_in(network, now, [](std::uint64_t) { return true; });
    if (!victim) return full("connections of one /48", limits_.per_ip6_48);
    victims.push_back(*victim);
  }
  return {};
}

Result<Budget::Victims> Budget::make_room(const IpAddress& ip, Instant now) const {
  Victims victims;
  if (!is_local(ip)) GOOP_CHECK(room_of_address(ip, now, victims));
  const IpAddress network = network_of(ip, one_network);
  const bool frees_handshake =
      std::ranges::any_of(victims, [&](auto id) { return handshakes_.contains(id); });
  if (handshakes_.full() && !frees_handshake) {
    const auto victim = handshakes_.whom_to_replace(network, now);
    if (!victim) return full("inbound handshakes", limits_.handshakes_in);
    victims.push_back(*victim);
  }
  if ((inbound_.full() || total_full()) && victims.empty()) {
    const auto victim = inbound_.whom_to_replace(network, now);
    if (!victim && inbound_.full()) return full("inbound connections", limits_.connections_in);
    if (!victim) return full("connections", limits_.connections_total);
    victims.push_back(*victim);
  }
  if (!victims.empty() && displaced_ids_.size() >= limits::displaced_most) {
    return full("connections that made room and still end", limits::displaced_most);
  }
  return victims;
}

Result<ConnectionTicket> Budget::accept(const IpAddress& remote, Instant now) {
  const IpAddress address = network_of(remote, one_address);
  const bool local = is_local(remote);
  // Before anybody makes room for it.
  if (!local && !rates_.allow(address, now)) {
    return fail(Errc::busy, "new connections of one address: more than {} per second",
                limits_.rate_per_ip);
  }
  const auto victims = make_room(remote, now);
  if (!victims) {
    if (!local) rates_.charge(address, now, -1);  // refused for another reason
    return std::unexpected(victims.error());
  }
  for (const std::uint64_t victim : *victims) displace(victim);

  const IpAddress network = network_of(remote, one_network);
  ConnectionTicket ticket(*this, next_ticket_++, Direction::inbound);
  for (Places* places : {&handshakes_, &inbound_}) {
    places->add(ticket.id_, network, Standing::unproven, now + limits::handshake_grace);
  }
  remotes_.emplace(ticket.id_, remote);
  ++usage_.handshakes_in;
  ++usage_.connections_in;
  if (!local) {
    ++by_address_[address];
    if (address.is_v6()) ++by_ip6_48_[network];
  }
  return ticket;
}

Result<ConnectionTicket> Budget::dial(Instant now) {
  if (usage_.handshakes_out >= limits_.handshakes_out) {
    return full("dials", limits_.handshakes_out);
  }
  if (usage_.connections_out >= limits_.connections_out) {
    return full("outbound connections", limits_.connections_out);
  }
  if (total_full()) {
    // Ours come from a network of their own.
    const auto victim = inbound_.whom_to_replace(IpAddress{}, now);
    if (!victim) return full("connections", limits_.connections_total);
    displace(*victim);
  }
  ++usage_.handshakes_out;
  ++usage_.connections_out;
  return ConnectionTicket(*this, next_ticket_++, Direction::outbound);
}

// Its place, and what it counts for its address; false: it had none any more.
bool Budget::give_up_place(std::uint64_t id) {
  const auto at = remotes_.find(id);
  if (at == remotes_.end()) return false;
  handshakes_.remove(id);
  inbound_.remove(id);
  if (!is_local(at->second)) {
    const IpAddress address = network_of(at->second, one_address);
    give_back(by_address_, address);
    if (address.is_v6()) give_back(by_ip6_48_, network_of(at->second, one_network));
  }
  remotes_.erase(at);
  return true;
}

void Budget::displace(std::uint64_t id) {
  if (!give_up_place(id)) return;
  displaced_ids_.insert(id);
  if (displaced_) displaced_(id);
}

std::optional<std::uint64_t> Budget::shed(Instant before) {
  const auto id = inbound_.idle_since(before);
  if (id) give_up_place(*id);
  return id;
}

void Budget::end_connection(const ConnectionTicket& ticket) {
  const bool in = ticket.direction_ == Direction::inbound;
  if (ticket.peer_.empty()) {
    --(in ? usage_.handshakes_in : usage_.handshakes_out);
  } else {
    --peers_.at(ticket.peer_).connections;
    forget_if_empty(ticket.peer_);
  }
  --(in ? usage_.connections_in : usage_.connections_out);
  if (in) give_up_place(ticket.id_);
  displaced_ids_.erase(ticket.id_);
}

// --- streams and memory ---

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
  return peers_.size() + protocols_.size() + remotes_.size() + by_address_.size() +
         by_ip6_48_.size() + rates_.size();
}

}  // namespace goop::p2p
