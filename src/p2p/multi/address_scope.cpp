#include "p2p/multi/address_scope.h"

#include <algorithm>
#include <array>
#include <string>

namespace goop::p2p {
namespace {

using Ip4 = boost::asio::ip::address_v4;
using Ip6 = boost::asio::ip::address_v6;

template <std::size_t N>
struct Block {
  std::array<std::uint8_t, N> prefix;
  unsigned bits;
  AddressScope scope;

  bool contains(const std::array<std::uint8_t, N>& ip) const {
    const unsigned whole = bits / 8, rest = bits % 8;
    if (!std::equal(prefix.begin(), prefix.begin() + whole, ip.begin())) return false;
    return rest == 0 || ((prefix[whole] ^ ip[whole]) >> (8 - rest)) == 0;
  }
};

using enum AddressScope;

// The first block that contains an address decides.
constexpr Block<4> ip4_blocks[] = {
    {{127}, 8, loopback},
    {{10}, 8, private_net},
    {{100, 64}, 10, private_net},
    {{172, 16}, 12, private_net},
    {{192, 168}, 16, private_net},
    {{169, 254}, 16, link_local},
    {{0}, 8, unroutable},
    {{192, 0, 0}, 26, unroutable},
    {{192, 0, 2}, 24, unroutable},
    {{192, 88, 99}, 24, unroutable},
    {{198, 18}, 15, unroutable},
    {{198, 51, 100}, 24, unroutable},
    {{203, 0, 113}, 24, unroutable},
    {{224}, 4, unroutable},
    {{240}, 4, unroutable},
};
constexpr Block<16> ip6_blocks[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback},
    {{0xfc}, 7, private_net},
    {{0xfe, 0x80}, 10, link_local},
    {{0x00, 0x64, 0xff, 0x9b}, 96, public_net},  // NAT64
    {{0x20, 0x01, 0x0d, 0xb8}, 32, unroutable},
    {{0x20}, 3, public_net},
};

template <std::size_t N, std::size_t Count>
AddressScope find(const Block<N> (&blocks)[Count], const std::array<std::uint8_t, N>& ip,
                  AddressScope otherwise) {
  const auto block = std::ranges::find_if(blocks, [&](const auto& b) { return b.contains(ip); });
  return block == std::end(blocks) ? otherwise : block->scope;
}

constexpr std::string_view private_domains[] = {"local", "test", "home.arpa", "invalid", "arpa"};

bool is_or_is_under(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  host.remove_suffix(domain.size());
  return host.empty() || host.ends_with('.');
}

}  // namespace

std::string_view name(AddressScope scope) {
  switch (scope) {
    case public_net:
      return "public";
    case private_net:
      return "private";
    case link_local:
      return "link_local";
    case loopback:
      return "loopback";
    case unroutable:
      return "unroutable";
  }
  return "unknown";
}

AddressScope scope_of(const IpAddress& ip) {
  if (ip.is_v4()) return find(ip4_blocks, ip.to_v4().to_bytes(), public_net);
  const Ip6 ip6 = ip.to_v6();
  if (ip6.is_v4_mapped()) {
    const Ip4 inner = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, ip6);
    return find(ip4_blocks, inner.to_bytes(), public_net);
  }
  return find(ip6_blocks, ip6.to_bytes(), unroutable);
}

AddressScope scope_of_name(std::string_view host) {
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (lower.ends_with('.')) lower.pop_back();
  if (is_or_is_under(lower, "localhost")) return loopback;
  const bool inside = std::ranges::any_of(
      private_domains, [&](auto domain) { return is_or_is_under(lower, domain); });
  return inside ? private_net : public_net;
}

}  // namespace goop::p2p
