// Where a peer can be reached, as libp2p writes it: /ip4/192.0.2.7/tcp/4001/p2p/12D3…
//
// A Multiaddr is always valid and canonical: its text gives its bytes and the other way round, so
// equality of bytes is equality of addresses. The empty address means "none"; it is never parsed.
//
// Spec:   multiformats/multiaddr, libp2p/specs addressing.
// Limits: limits::multiaddr_*; room for a trailing /p2p is reserved, so with_peer always fits.
// Errors: invalid, too_large, unsupported (a protocol we do not know: its size is unknown too).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "p2p/multi/address_scope.h"
#include "p2p/multi/multiaddr_protocols.h"
#include "p2p/multi/peer_id.h"

namespace goop::p2p {

struct DnsName {
  enum class Kind { any, v4, v6, addr } kind;  // dns, dns4, dns6, dnsaddr
  std::string name;

  bool operator==(const DnsName&) const = default;
};

// The host that an address starts with.
using AddressHost = std::variant<IpAddress, DnsName>;

struct TcpTarget {
  AddressHost host;
  std::uint16_t port;

  bool operator==(const TcpTarget&) const = default;
};

class Multiaddr {
 public:
  Multiaddr() = default;

  static Result<Multiaddr> parse(std::string_view text);
  static Result<Multiaddr> from_bytes(BytesView bytes);
  static Multiaddr tcp(const IpAddress& ip, std::uint16_t port);  // a scope id is left out

  BytesView bytes() const { return bytes_; }
  std::string to_string() const;  // "" when empty
  bool empty() const { return bytes_.empty(); }

  struct Component {
    Proto proto;
    BytesView value;  // into the address; without its length
  };
  std::vector<Component> components() const;
  bool has(Proto proto) const;

  // The peer at the end: the value of a last component /p2p.
  std::optional<PeerId> peer_id() const;
  Multiaddr without_peer() const;
  Multiaddr with_peer(const PeerId& peer) const;  // replaces another peer at the end

  // This address followed by `inner`; the usual limits hold for the whole.
  Result<Multiaddr> join(const Multiaddr& inner) const;

  std::optional<AddressHost> host() const;  // of an address that starts with ip4, ip6 or dns*

  // Host and port of an address that starts with a host and /tcp, whatever follows.
  std::optional<TcpTarget> tcp_endpoint() const;
  bool is_plain_tcp() const;  // a host, /tcp, perhaps /p2p, and nothing else

  bool is_circuit() const { return has(Proto::p2p_circuit); }

  // How far the address reaches, by its first host; a circuit by its relay's.
  AddressScope scope() const;

  bool operator==(const Multiaddr&) const = default;
  std::strong_ordering operator<=>(const Multiaddr&) const = default;

 private:
  explicit Multiaddr(Bytes bytes) : bytes_(std::move(bytes)) {}
  static Result<void> check(BytesView bytes);
  std::size_t peer_offset() const;  // where a trailing /p2p starts, else the size

  Bytes bytes_;
};

}  // namespace goop::p2p

template <>
struct std::hash<goop::p2p::Multiaddr> {
  std::size_t operator()(const goop::p2p::Multiaddr& address) const noexcept {
    return std::hash<std::string_view>{}(goop::as_text(address.bytes()));
  }
};

template <>
struct fmt::formatter<goop::p2p::Multiaddr> : fmt::formatter<std::string> {
  auto format(const goop::p2p::Multiaddr& address, format_context& context) const {
    return formatter<std::string>::format(address.to_string(), context);
  }
};
