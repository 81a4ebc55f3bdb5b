#include "p2p/multi/multiaddr_protocols.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

#include "p2p/multi/limits.h"
#include "p2p/multi/multibase.h"
#include "p2p/multi/multihash.h"
#include "p2p/multi/peer_id.h"

namespace goop::p2p {
namespace {

namespace ip = boost::asio::ip;

std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

auto bad(std::string_view what, std::string_view text) {
  return fail(Errc::invalid, "'{}' is not {}", printable(text, 80), what);
}

template <class Address>
typename Address::bytes_type bytes_of(BytesView value) {
  typename Address::bytes_type bytes;
  std::ranges::copy(value, bytes.begin());
  return bytes;
}

bool any_value(BytesView) { return true; }

// --- protocols without a value ---
Result<Bytes> no_value(std::string_view) { return Bytes(); }
std::string no_text(BytesView) { return {}; }

// --- ip4, ip6 ---
Result<Bytes> ip4_from(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address_v4(std::string(text), error);
  if (error) return bad("an IPv4 address", text);
  return to_bytes(BytesView(address.to_bytes()));
}
std::string ip4_text(BytesView value) {
  return fmt::format("{}.{}.{}.{}", value[0], value[1], value[2], value[3]);
}

Result<Bytes> ip6_from(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address_v6(std::string(text), error);
  if (error || text.contains('%')) return bad("an IPv6 address", text);
  return to_bytes(BytesView(address.to_bytes()));
}
std::string ip6_text(BytesView value) {
  return ip::address_v6(bytes_of<ip::address_v6>(value)).to_string();
}

// --- ports and prefix lengths ---
Result<Bytes> port_from(std::string_view text) {
  const auto port = decimal(text, 0xffff);
  if (!port) return bad("a port", text);
  return Bytes{static_cast<std::uint8_t>(*port >> 8), static_cast<std::uint8_t>(*port)};
}
std::string port_text(BytesView value) { return std::to_string(value[0] << 8 | value[1]); }

Result<Bytes> cidr_from(std::string_view text) {
  const auto bits = decimal(text, 128);
  if (!bits) return bad("a prefix length", text);
  return Bytes{static_cast<std::uint8_t>(*bits)};
}
std::string cidr_text(BytesView value) { return std::to_string(value[0]); }
bool cidr_valid(BytesView value) { return value[0] <= 128; }

// --- names and other plain text: visible ASCII without '/' ---
bool name_valid(BytesView value) {
  return !value.empty() && value.size() <= limits::dns_name_bytes &&
         std::ranges::all_of(value, [](auto c) { return c > 0x20 && c < 0x7f && c != '/'; });
}
Result<Bytes> name_from(std::string_view text) {
  if (!name_valid(as_bytes(text))) return bad("a name", text);
  return to_bytes(text);
}
std::string plain_text(BytesView value) { return to_text(value); }

// --- http-path: any bytes, percent-encoded (RFC 3986, unreserved characters stay) ---
bool is_unreserved(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}
bool http_path_valid(BytesView value) { return !value.empty(); }
std::string http_path_text(BytesView value) {
  std::string text;
  for (const auto c : value) {
    if (is_unreserved(c))
      text += static_cast<char>(c);
    else
      text += fmt::format("%{:02X}", c);
  }
  return text;
}
Result<Bytes> http_path_from(std::string_view text) {
  Bytes value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      value.push_back(static_cast<std::uint8_t>(text[i]));
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return bad("percent-encoded", text);
    value.push_back(byte->front());
    i += 2;
  }
  if (value.empty()) return bad("an HTTP path", text);
  return value;
}

// --- p2p, certhash ---
bool peer_valid(BytesView value) { return PeerId::from_bytes(value).has_value(); }
Result<Bytes> peer_from(std::string_view text) {
  GOOP_TRY(const PeerId id, PeerId::parse(text));
  return to_bytes(id.bytes());
}
std::string peer_text(BytesView value) { return PeerId::from_bytes(value)->to_string(); }

bool hash_valid(BytesView value) { return read_multihash(value).has_value(); }
Result<Bytes> hash_from(std::string_view text) {
  GOOP_TRY(Bytes value, multibase_decode(text));
  GOOP_CHECK(read_multihash(value));
  return value;
}
std::string hash_text(BytesView value) { return multibase_encode(Base::base64url, value); }

// --- onion3: 35 bytes in base32, a colon, a port ---
constexpr std::size_t onion_bytes = 35, onion_chars = 56;
Result<Bytes> onion_from(std::string_view text) {
  if (text.size() <= onion_chars || text[onion_chars] != ':') return bad("an onion address", text);
  GOOP_TRY(Bytes value, base_decode(Base::base32, text.substr(0, onion_chars)));
  GOOP_TRY(const Bytes port, port_from(text.substr(onion_chars + 1)));
  append(value, port);
  return value;
}
std::string onion_text(BytesView value) {
  return base_encode(Base::base32, value.first(onion_bytes)) + ":" +
         port_text(value.subspan(onion_bytes));
}
bool onion_valid(BytesView value) { return value[onion_bytes] != 0 || value[onion_bytes + 1] != 0; }

// --- memory: a number as text ---
bool memory_valid(BytesView value) {
  const auto number = decimal(as_text(value), ~std::uint64_t{0});
  return number && std::to_string(*number) == as_text(value);
}
Result<Bytes> memory_from(std::string_view text) {
  const auto number = decimal(text, ~std::uint64_t{0});
  if (!number) return bad("a number", text);
  return to_bytes(std::to_string(*number));
}

constexpr int variable = ProtoInfo::variable;

constexpr ProtoInfo flag(Proto proto, std::string_view name) {
  return {proto, name, 0, no_value, no_text, any_value};
}

constexpr ProtoInfo table[] = {
    {Proto::ip4, "ip4", 4, ip4_from, ip4_text, any_value},
    {Proto::tcp, "tcp", 2, port_from, port_text, any_value},
    {Proto::ip6, "ip6", 16, ip6_from, ip6_text, any_value},
    {Proto::ip6zone, "ip6zone", variable, name_from, plain_text, name_valid},
    {Proto::ipcidr, "ipcidr", 1, cidr_from, cidr_text, cidr_valid},
    {Proto::dns, "dns", variable, name_from, plain_text, name_valid},
    {Proto::dns4, "dns4", variable, name_from, plain_text, name_valid},
    {Proto::dns6, "dns6", variable, name_from, plain_text, name_valid},
    {Proto::dnsaddr, "dnsaddr", variable, name_from, plain_text, name_valid},
    {Proto::udp, "udp", 2, port_from, port_text, any_value},
    flag(Proto::webrtc_direct, "webrtc-direct"),
    flag(Proto::webrtc, "webrtc"),
    flag(Proto::p2p_circuit, "p2p-circuit"),
    {Proto::p2p, "p2p", variable, peer_from, peer_text, peer_valid},
    {Proto::onion3, "onion3", 37, onion_from, onion_text, onion_valid},
    flag(Proto::tls, "tls"),
    {Proto::sni, "sni", variable, name_from, plain_text, name_valid},
    flag(Proto::noise, "noise"),
    flag(Proto::quic, "quic"),
    flag(Proto::quic_v1, "quic-v1"),
    flag(Proto::webtransport, "webtransport"),
    {Proto::certhash, "certhash", variable, hash_from, hash_text, hash_valid},
    flag(Proto::ws, "ws"),
    flag(Proto::wss, "wss"),
    flag(Proto::http, "http"),
    {Proto::http_path, "http-path", variable, http_path_from, http_path_text, http_path_valid},
    {Proto::memory, "memory", variable, memory_from, plain_text, memory_valid},
};

}  // namespace

const ProtoInfo* find_proto(std::uint64_t code) {
  const auto found = std::ranges::find_if(
      table, [&](const auto& row) { return static_cast<std::uint64_t>(row.proto) == code; });
  return found == std::end(table) ? nullptr : found;
}

const ProtoInfo* find_proto(std::string_view name) {
  if (name == "ipfs") name = "p2p";
  const auto found = std::ranges::find(table, name, &ProtoInfo::name);
  return found == std::end(table) ? nullptr : found;
}

}  // namespace goop::p2p
