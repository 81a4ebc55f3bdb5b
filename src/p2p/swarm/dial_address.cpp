#include "p2p/swarm/dial_address.h"

#include "p2p/swarm/limits.h"

namespace goop::p2p {

bool may_name(AddressScope teller, AddressScope target) {
  using enum AddressScope;
  if (teller == loopback || target == public_net) return true;
  switch (teller) {
    case private_net:
    case link_local:
      return target == private_net || target == link_local;
    case unroutable:  // somebody is there after all: a network of its own, as far as the internet
      return target == unroutable;
    case public_net:
    case loopback:
      return false;
  }
  return false;
}

bool may_name(AddressScope teller, const Multiaddr& target) {
  if (!may_name(teller, target.scope())) return false;
  const auto tcp = target.tcp_endpoint();
  return teller == AddressScope::loopback || !tcp || tcp->port >= limits::told_port_least;
}

bool is_dialable(const Multiaddr& address) {
  const auto target = address.tcp_endpoint();
  if (!target) {
    const auto host = address.host();
    if (!host) return address.is_circuit();  // by a relay that is known already
    const auto* name = std::get_if<DnsName>(&*host);
    return name && name->kind == DnsName::Kind::addr;  // its records say how
  }
  if (target->port == 0) return false;
  const auto* ip = std::get_if<IpAddress>(&target->host);
  return !ip || !(ip->is_unspecified() || ip->is_multicast());
}

}  // namespace goop::p2p
