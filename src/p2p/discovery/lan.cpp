#include "p2p/discovery/lan.h"

#include <algorithm>

#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

template <class Bytes>
bool same_start(const Bytes& a, const Bytes& b, unsigned bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    if (((a[i] ^ b[i]) & (0xff00u >> here) & 0xffu) != 0) return false;
    bits -= here;
  }
  return true;
}

bool is_link_local6(const IpAddress& address) {
  return address.is_v6() && address.to_v6().is_link_local();
}

bool is_usable(const Subnet& subnet) { return !is_link_local6(subnet.address); }

}  // namespace

bool Subnet::holds(const IpAddress& other) const {
  if (bits == 0 || address.is_v4() != other.is_v4()) return false;  // 0 bits would be everybody
  return address.is_v4() ? same_start(address.to_v4().to_bytes(), other.to_v4().to_bytes(), bits)
                         : same_start(address.to_v6().to_bytes(), other.to_v6().to_bytes(), bits);
}

bool Lan::speaks(net::Family family) const {
  return std::ranges::any_of(subnets, [family](const Subnet& subnet) {
    return family == net::Family::any || subnet.address.is_v4() == (family == net::Family::v4);
  });
}

bool Lan::owns(const IpAddress& address) const {
  return std::ranges::any_of(subnets, [&address](const Subnet& subnet) {
    if (address.is_v4() || subnet.address.is_v4()) return subnet.address == address;
    return subnet.address.to_v6().to_bytes() ==
           address.to_v6().to_bytes();  // whatever the scope id
  });
}

bool Lan::neighbours(const IpAddress& from) const {
  return is_link_local6(from) ||
         std::ranges::any_of(subnets, [&from](const Subnet& own) { return own.holds(from); });
}

std::vector<Lan> lans_of(std::span<const net::Interface> interfaces) {
  std::vector<Lan> lans;
  for (const auto& interface : interfaces) {
    if (!interface.running || !interface.multicast || interface.loopback) continue;
    auto lan = std::ranges::find(lans, interface.index, &Lan::index);
    if (lan == lans.end())
      lan = lans.insert(lan, {.index = interface.index, .name = interface.name, .subnets = {}});
    if (lan->subnets.size() < limits::mdns_interface_addresses)
      lan->subnets.push_back({interface.address, interface.prefix_bits});
  }
  std::erase_if(lans, [](const Lan& lan) { return std::ranges::none_of(lan.subnets, is_usable); });
  std::ranges::sort(
      lans, {}, [](const Lan& lan) { return std::pair(!lan.speaks(net::Family::v4), lan.index); });
  if (lans.size() > limits::mdns_interfaces) lans.resize(limits::mdns_interfaces);
  return lans;
}

}  // namespace goop::p2p::discovery
