// The local networks that this machine is on, as discovery sees them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "net/network.h"

namespace goop::p2p::discovery {

using net::IpAddress;

struct Subnet {
  IpAddress address;  // ours
  unsigned bits = 0;

  bool holds(const IpAddress& other) const;
  bool operator==(const Subnet&) const = default;
};

// One interface that discovery speaks on.
struct Lan {
  unsigned index = 0;
  std::string name;
  std::vector<Subnet> subnets;  // never empty

  bool speaks(net::Family family) const;
  bool owns(const IpAddress& address) const;
  // Whether a packet from there can have come from a neighbour only.
  bool neighbours(const IpAddress& from) const;

  bool operator==(const Lan&) const = default;
};

// Interfaces that are running, can multicast, and have an address that a neighbour can use; those
// with IPv4 first. Limits: limits::mdns_interfaces, limits::mdns_interface_addresses.
std::vector<Lan> lans_of(std::span<const net::Interface> interfaces);

}  // namespace goop::p2p::discovery
