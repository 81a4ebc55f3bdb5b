#include "p2p/swarm/dial_address.h"

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

bool is_dialable(const Multiaddr& address) {
  const auto target = address.tcp_endpoint();
  if (!target) return address.is_circuit() && !address.host();  // by a relay that is known already
  if (target->port == 0) return false;
  const auto* ip = std::get_if<IpAddress>(&target->host);
  return !ip || !(ip->is_unspecified() || ip->is_multicast());
}

}  // namespace goop::p2p
