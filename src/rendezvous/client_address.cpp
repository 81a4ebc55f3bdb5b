#include "rendezvous/client_address.h"

#include <charconv>

#include "rendezvous/limits.h"

namespace goop::rendezvous {
namespace {

using net::IpAddress;

constexpr unsigned household_bits = 64;

IpAddress unmapped(const IpAddress& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

std::vector<std::uint8_t> bytes_of(const IpAddress& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

bool same_start(const IpAddress& a, const IpAddress& b, unsigned bits) {
  if (a.is_v4() != b.is_v4()) return false;
  const auto x = bytes_of(a), y = bytes_of(b);
  for (std::size_t i = 0; bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - here));
    if ((x[i] & mask) != (y[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

// One entry of X-Forwarded-For: an address, in some proxies' spelling with a port.
std::optional<IpAddress> read_hop(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code code;
  auto address = asio::ip::make_address(text, code);
  if (code) return std::nullopt;
  return unmapped(address);
}

std::string forwarded(const net::http::Request& request) {
  std::string all;
  for (std::size_t i = 0; i < request.fields.size(); ++i) {
    const auto [name, value] = request.fields.at(i);
    if (!net::http::iequals(name, "X-Forwarded-For")) continue;
    all.append(all.empty() ? "" : ",").append(value);
  }
  return all;
}

}  // namespace

Result<Networks> Networks::parse(const std::vector<std::string>& texts) {
  Networks networks;
  for (const auto& text : texts) {
    const auto slash = text.find('/');
    boost::system::error_code code;
    const auto base = asio::ip::make_address(text.substr(0, slash), code);
    if (code) return fail(Errc::invalid, "not a network: {}", printable(text));
    unsigned bits = base.is_v4() ? 32 : 128;
    if (slash != text.npos) {
      const unsigned most = bits;
      const auto* end = text.data() + text.size();
      const auto read = std::from_chars(text.data() + slash + 1, end, bits);
      if (read.ec != std::errc() || read.ptr != end || bits > most) {
        return fail(Errc::invalid, "not a network: {}", printable(text));
      }
    }
    networks.list_.push_back({base, bits});
  }
  return networks;
}

bool Networks::contains(const IpAddress& address) const {
  return std::ranges::any_of(
      list_, [&](const auto& one) { return same_start(one.base, address, one.bits); });
}

IpAddress client_address(const net::http::Request& request, const Networks& trusted) {
  auto client = unmapped(request.remote.address);
  if (!trusted.contains(client)) return client;
  const auto all = forwarded(request);
  std::string_view rest = all;
  for (std::size_t i = 0; i < limits::forwarded_hops && !rest.empty(); ++i) {
    const auto comma = rest.rfind(',');
    const auto hop = read_hop(comma == rest.npos ? rest : rest.substr(comma + 1));
    if (!hop) return client;  // the last one who was vouched for
    client = *hop;
    if (!trusted.contains(client)) return client;
    rest = comma == rest.npos ? std::string_view{} : rest.substr(0, comma);
  }
  return client;
}

IpAddress counted_as(const IpAddress& address) {
  const auto plain = unmapped(address);
  if (plain.is_v4() || plain.is_loopback()) return plain;
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + household_bits / 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes);
}

}  // namespace goop::rendezvous
