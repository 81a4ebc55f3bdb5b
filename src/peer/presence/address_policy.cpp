#include "peer/presence/address_policy.h"

#include <algorithm>
#include <optional>

#include "p2p/swarm/dial_address.h"
#include "wire/presence_limits.h"

namespace goop::peer::presence {

using p2p::AddressScope;
using p2p::Multiaddr;

namespace {

// 172.17.0.0/16 is where container engines put their bridge: hardly anybody else uses it, and
// nobody beyond this machine reaches it.
bool is_container_bridge(const Multiaddr& address) {
  const auto host = address.host();
  const auto* ip = host ? std::get_if<p2p::IpAddress>(&*host) : nullptr;
  if (ip == nullptr || !ip->is_v4()) return false;
  const auto bytes = ip->to_v4().to_bytes();
  return bytes[0] == 172 && bytes[1] == 17;
}

bool starts_with_ip(const Multiaddr& address) {
  const auto host = address.host();
  return host && std::holds_alternative<p2p::IpAddress>(*host);
}

// Less is better; nullopt: of no use to others. A circuit reaches everybody.
std::optional<int> usefulness(const Multiaddr& address) {
  if (address.to_string().size() > wire::limits::presence_address_bytes) return std::nullopt;
  if (address.is_circuit()) return 0;
  if (!starts_with_ip(address)) return std::nullopt;
  switch (address.scope()) {
    case AddressScope::public_net:
    case AddressScope::unroutable:  // we are there after all: a laboratory's network
      return p2p::is_dialable(address) ? std::optional(1) : std::nullopt;
    case AddressScope::private_net:
      return is_container_bridge(address) ? 3 : 2;
    case AddressScope::link_local:
    case AddressScope::loopback:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Multiaddr> addresses_to_announce(std::span<const Multiaddr> own) {
  std::vector<std::pair<int, Multiaddr>> ranked;
  for (const auto& address : own) {
    if (const auto rank = usefulness(address)) ranked.emplace_back(*rank, address);
  }
  std::ranges::sort(ranked);
  const auto again = std::ranges::unique(ranked);
  ranked.erase(again.begin(), again.end());
  // A container's bridge only where there is nothing better.
  if (!ranked.empty() && ranked.front().first < 3) {
    std::erase_if(ranked, [](const auto& each) { return each.first == 3; });
  }
  std::vector<Multiaddr> best;
  for (auto& [rank, address] : ranked) {
    if (best.size() < wire::limits::presence_addresses) best.push_back(std::move(address));
  }
  return best;
}

std::vector<Multiaddr> addresses_to_dial(std::span<const Multiaddr> told,
                                         std::span<const Multiaddr> own, AddressScope teller) {
  std::vector<Multiaddr> usable;
  for (const auto& address : told) {
    // Circuits are not kept: every later dial would try them first.
    if (address.is_circuit() || !p2p::is_dialable(address)) continue;
    const auto scope = address.scope();
    if (scope == AddressScope::loopback || scope == AddressScope::link_local) continue;
    if (!p2p::may_name(teller, address) || std::ranges::find(own, address) != own.end()) continue;
    if (std::ranges::find(usable, address) != usable.end()) continue;
    usable.push_back(address);
    if (usable.size() == wire::limits::presence_addresses) break;
  }
  return usable;
}

}  // namespace goop::peer::presence
