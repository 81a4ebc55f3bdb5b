// The neighbourhood of an IP address: who shares a prefix shares a limit.
#pragma once

#include "net/network.h"

namespace goop::net {

struct PrefixBits {
  unsigned v4, v6;
};

// What one customer of a provider gets, and what one provider gives out. Addresses inside are free
// for whoever has it, so limits count these and not single addresses.
namespace prefix {
inline constexpr PrefixBits client{.v4 = 32, .v6 = 64};     // one subnet
inline constexpr PrefixBits household{.v4 = 32, .v6 = 56};  // one home
inline constexpr PrefixBits network{.v4 = 24, .v6 = 48};    // one school, company, rented block
inline constexpr PrefixBits provider{.v4 = 16, .v6 = 32};
}  // namespace prefix

// The first address of the block of `bits` around `ip`. IPv4 inside IPv6 counts as IPv4; a scope id
// is left out.
IpAddress network_of(const IpAddress& ip, PrefixBits bits);

// Whether `ip` is reached over that interface without a router.
bool on_subnet_of(const Interface& interface, const IpAddress& ip);

}  // namespace goop::net
