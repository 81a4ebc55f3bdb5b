#include "net/network_prefix.h"

namespace goop::net {
namespace {

template <class Array>
Array masked(Array bytes, unsigned bits) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned kept = bits >= 8 ? 8 : bits;
    bytes[i] = static_cast<typename Array::value_type>(bytes[i] & (0xff00u >> kept));
    bits -= kept;
  }
  return bytes;
}

}  // namespace

IpAddress network_of(const IpAddress& ip, PrefixBits bits) {
  namespace ip_of = boost::asio::ip;
  if (ip.is_v4()) return ip_of::address_v4(masked(ip.to_v4().to_bytes(), bits.v4));
  if (ip.to_v6().is_v4_mapped()) {
    const auto inner = ip_of::make_address_v4(ip_of::v4_mapped, ip.to_v6());
    return ip_of::address_v4(masked(inner.to_bytes(), bits.v4));
  }
  return ip_of::address_v6(masked(ip.to_v6().to_bytes(), bits.v6));
}

bool on_subnet_of(const Interface& interface, const IpAddress& ip) {
  const PrefixBits bits{.v4 = interface.prefix_bits, .v6 = interface.prefix_bits};
  const IpAddress plain = network_of(ip, {.v4 = 32, .v6 = 128});
  if (interface.prefix_bits == 0 || plain.is_v4() != interface.address.is_v4()) return false;
  return network_of(plain, bits) == network_of(interface.address, bits);
}

}  // namespace goop::net
