// An IP address and a port.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace goop::net {

using IpAddress = boost::asio::ip::address;

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
  bool operator<(const Endpoint& other) const {
    return address != other.address ? address < other.address : port < other.port;
  }
};
std::string to_string(const Endpoint& endpoint);  // "192.0.2.7:4001", "[::1]:4001"

}  // namespace goop::net

template <>
struct fmt::formatter<goop::net::Endpoint> : fmt::formatter<std::string> {
  auto format(const goop::net::Endpoint& endpoint, format_context& context) const {
    return formatter<std::string>::format(to_string(endpoint), context);
  }
};
