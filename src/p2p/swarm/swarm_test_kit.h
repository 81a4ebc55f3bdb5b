// Peers and addresses for the swarm's own tests.
#pragma once

#include "p2p/multi/multiaddr.h"

namespace goop::p2p::test {

// A peer id of its own for every number.
inline PeerId peer(std::uint32_t number) {
  Bytes bytes(34);
  bytes[0] = 0x12;
  bytes[1] = 0x20;
  for (int i = 0; i < 4; ++i) {
    bytes[2 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return PeerId::from_bytes(bytes).value();
}

inline Multiaddr addr(std::string_view text) { return Multiaddr::parse(text).value(); }

inline std::vector<Multiaddr> addrs(std::initializer_list<std::string_view> texts) {
  std::vector<Multiaddr> result;
  for (const auto text : texts) result.push_back(addr(text));
  return result;
}

inline IpAddress ip(std::string_view text) { return boost::asio::ip::make_address(text); }

// Public addresses that differ in host and port: 8.x.y.z/tcp/4001.
inline std::vector<Multiaddr> many_addresses(std::size_t count) {
  std::vector<Multiaddr> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    result.push_back(Multiaddr::tcp(boost::asio::ip::address_v4(0x08000001u + i), 4001));
  }
  return result;
}

inline Instant at(Duration since_start) { return Instant(since_start); }

}  // namespace goop::p2p::test
