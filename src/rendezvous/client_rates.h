// How many messages come from one address (or IPv6 /64), from its network and from its provider:
// addresses come in blocks, so who is over its rate is counted at each width. What a network sends
// seldom is not held up by what its neighbours at the same provider do.
//
// Pure.   Limits: limits.h, "what comes in"
#pragma once

#include "base/keyed_limit.h"
#include "net/network_prefix.h"
#include "rendezvous/limits.h"

namespace goop::rendezvous {

class ClientRates {
 public:
  struct Busy {
    Duration wait;
    std::string_view of;  // whose rate is used up
  };

  // Takes one message, or says which rate is used up and for how long.
  std::optional<Busy> take(const net::IpAddress& client, Instant now) {
    for (auto& width : widths_) {
      const bool widest = &width == &widths_.back();
      if (widest && seldom_.allow(net::network_of(client, net::prefix::network), now)) break;
      const auto wait = width.limit.take(net::network_of(client, width.bits), now);
      if (wait > Duration::zero()) return Busy{wait, width.name};
    }
    return std::nullopt;
  }

  // Takes it even on credit: for what was found bad afterwards.
  void charge(const net::IpAddress& client, Instant now, double cost) {
    for (auto& width : widths_) width.limit.charge(net::network_of(client, width.bits), now, cost);
  }

 private:
  KeyedLimit<net::IpAddress> seldom_{
      {limits::seldom_rate, limits::seldom_burst, limits::limited_keys}};  // by network

  struct Width {
    net::PrefixBits bits;
    std::string_view name;
    KeyedLimit<net::IpAddress> limit;
  };
  std::array<Width, 3> widths_{
      Width{net::prefix::client, "address (IPv6 /64)",
            KeyedLimit<net::IpAddress>(
                {limits::address_rate, limits::address_burst, limits::limited_keys})},
      Width{net::prefix::network, "network (IPv4 /24, IPv6 /48)",
            KeyedLimit<net::IpAddress>(
                {limits::network_rate, limits::network_burst, limits::limited_keys})},
      Width{net::prefix::provider, "provider (IPv4 /16, IPv6 /32)",
            KeyedLimit<net::IpAddress>(
                {limits::provider_rate, limits::provider_burst, limits::limited_keys})}};
};

}  // namespace goop::rendezvous
