// The neighbourhood of an IP address: who shares a prefix shares a limit.
#pragma once

#include "p2p/multi/address_scope.h"

namespace goop::p2p {

// The first address of the block of `bits` around `ip`. IPv4 inside IPv6 counts as IPv4; a scope id
// is left out.
struct PrefixBits {
  unsigned v4, v6;
};
IpAddress network_of(const IpAddress& ip, PrefixBits bits);

}  // namespace goop::p2p
