// Who a request is from, and what counts as one client.
//
// Behind a reverse proxy every socket comes from the proxy, so its word is taken, but only that of
// proxies the operator named: reading X-Forwarded-For from its end, the first address that is not
// one of them. What stands before it could have been written by anybody.
//
// Budgets count an IPv4 address, or an IPv6 /64: that is what one household gets.
//
// Pure.   Limits: limits::forwarded_hops
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "net/http/message.h"

namespace goop::rendezvous {

// Networks like 10.0.0.0/8 and fd00::/8, or single addresses.
class Networks {
 public:
  static Result<Networks> parse(const std::vector<std::string>& texts);  // invalid: names the text
  bool contains(const net::IpAddress& address) const;

 private:
  struct Network {
    net::IpAddress base;
    unsigned bits;
  };
  std::vector<Network> list_;
};

net::IpAddress client_address(const net::http::Request& request, const Networks& trusted);

// The same for all addresses that count as one client.
net::IpAddress counted_as(const net::IpAddress& address);

}  // namespace goop::rendezvous
