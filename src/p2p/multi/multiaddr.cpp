#include "p2p/multi/multiaddr.h"

#include "p2p/multi/limits.h"
#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

namespace ip = boost::asio::ip;

struct Piece {
  const ProtoInfo* info;
  BytesView value;
  std::size_t size;  // of code, length and value
};

// The first component of bytes that are not empty.
Result<Piece> first_piece(BytesView bytes) {
  GOOP_TRY(const Uvarint code, read_uvarint(bytes));
  const ProtoInfo* info = find_proto(code.value);
  if (info == nullptr) return fail(Errc::unsupported, "multiaddr protocol {}", code.value);
  BytesView rest = bytes.subspan(code.size);
  std::uint64_t value_bytes = static_cast<std::uint64_t>(info->value_bytes);
  if (info->value_bytes == ProtoInfo::variable) {
    GOOP_TRY(const Uvarint length, read_uvarint(rest));
    rest = rest.subspan(length.size);
    value_bytes = length.value;
  }
  if (rest.size() < value_bytes) return fail(Errc::invalid, "/{} is cut off", info->name);
  const BytesView value = rest.first(static_cast<std::size_t>(value_bytes));
  if (!info->valid(value)) return fail(Errc::invalid, "/{} has a wrong value", info->name);
  return Piece{info, value, static_cast<std::size_t>(value.end() - bytes.begin())};
}

// Walks the components of an address that has been checked.
class Pieces {
 public:
  explicit Pieces(BytesView bytes) : rest_(bytes) {}

  bool next() {
    if (rest_.empty()) return false;
    auto piece = first_piece(rest_);
    GOOP_ASSERT(piece.has_value());
    piece_ = *piece;
    rest_ = rest_.subspan(piece_.size);
    return true;
  }
  const Piece& operator*() const { return piece_; }
  const Piece* operator->() const { return &piece_; }
  Proto proto() const { return piece_.info->proto; }

 private:
  BytesView rest_;
  Piece piece_{};
};

void append_piece(Bytes& to, const ProtoInfo& info, BytesView value) {
  append_uvarint(to, static_cast<std::uint64_t>(info.proto));
  if (info.value_bytes == ProtoInfo::variable) append_uvarint(to, value.size());
  append(to, value);
}

void append_piece(Bytes& to, Proto proto, BytesView value) {
  append_piece(to, *find_proto(static_cast<std::uint64_t>(proto)), value);
}

std::string_view cut_at_slash(std::string_view& text) {
  const auto slash = text.find('/');
  const auto front = text.substr(0, slash);
  text = slash == text.npos ? std::string_view() : text.substr(slash + 1);
  return front;
}

std::optional<AddressHost> host_of(Proto proto, BytesView value) {
  const auto name = [&](DnsName::Kind kind) { return DnsName{kind, to_text(value)}; };
  switch (proto) {
    case Proto::ip4: {
      ip::address_v4::bytes_type bytes;
      std::ranges::copy(value, bytes.begin());
      return IpAddress(ip::address_v4(bytes));
    }
    case Proto::ip6: {
      ip::address_v6::bytes_type bytes;
      std::ranges::copy(value, bytes.begin());
      return IpAddress(ip::address_v6(bytes));
    }
    case Proto::dns:
      return name(DnsName::Kind::any);
    case Proto::dns4:
      return name(DnsName::Kind::v4);
    case Proto::dns6:
      return name(DnsName::Kind::v6);
    case Proto::dnsaddr:
      return name(DnsName::Kind::addr);
    default:
      return std::nullopt;
  }
}

// The largest trailing /p2p: its code, one byte of length, the id.
constexpr std::size_t peer_room = 3 + limits::peer_id_bytes;

}  // namespace

Result<void> Multiaddr::check(BytesView bytes) {
  if (bytes.empty()) return fail(Errc::invalid, "the address is empty");
  if (bytes.size() > limits::multiaddr_bytes) {
    return fail(Errc::too_large, "address of {} bytes, at most {} are allowed", bytes.size(),
                limits::multiaddr_bytes);
  }
  std::size_t count = 0, circuits = 0, size = 0, last_size = 0;
  bool ends_in_peer = false;
  while (size < bytes.size()) {
    GOOP_TRY(const Piece piece, first_piece(bytes.subspan(size)));
    size += last_size = piece.size;
    ends_in_peer = piece.info->proto == Proto::p2p;
    if (piece.info->proto == Proto::p2p_circuit) ++circuits;
    if (++count > limits::multiaddr_components) break;
  }
  if (circuits > limits::multiaddr_circuits) {
    return fail(Errc::too_large, "address through more than one relay");
  }
  if (count + (ends_in_peer ? 0 : 1) > limits::multiaddr_components) {
    return fail(Errc::too_large, "address of over {} components with its peer",
                limits::multiaddr_components);
  }
  if (size - (ends_in_peer ? last_size : 0) + peer_room > limits::multiaddr_bytes) {
    return fail(Errc::too_large, "address leaves no room for its peer");
  }
  return {};
}

Result<Multiaddr> Multiaddr::from_bytes(BytesView bytes) {
  GOOP_CHECK(check(bytes));
  return Multiaddr(to_bytes(bytes));
}

Result<Multiaddr> Multiaddr::parse(std::string_view text) {
  if (text.size() > limits::multiaddr_text_chars) {
    return fail(Errc::too_large, "address of {} characters, at most {} are read", text.size(),
                limits::multiaddr_text_chars);
  }
  if (!text.starts_with('/')) return fail(Errc::invalid, "an address starts with '/'");
  text.remove_prefix(1);
  if (text.ends_with('/')) text.remove_suffix(1);
  Bytes bytes;
  while (!text.empty()) {
    const auto name = cut_at_slash(text);
    const ProtoInfo* info = find_proto(name);
    if (info == nullptr) return fail(Errc::unsupported, "unknown protocol '/{}'", printable(name));
    Bytes value;
    if (info->value_bytes != 0) {
      if (text.empty()) return fail(Errc::invalid, "/{} needs a value", info->name);
      GOOP_TRY(value, info->from_text(cut_at_slash(text)));
    }
    append_piece(bytes, *info, value);
    if (bytes.size() > limits::multiaddr_bytes) break;
  }
  GOOP_CHECK(check(bytes));
  return Multiaddr(std::move(bytes));
}

Multiaddr Multiaddr::tcp(const IpAddress& address, std::uint16_t port) {
  Bytes bytes;
  if (address.is_v4()) {
    append_piece(bytes, Proto::ip4, address.to_v4().to_bytes());
  } else {
    append_piece(bytes, Proto::ip6, address.to_v6().to_bytes());
  }
  const std::uint8_t value[] = {static_cast<std::uint8_t>(port >> 8),
                                static_cast<std::uint8_t>(port)};
  append_piece(bytes, Proto::tcp, value);
  return Multiaddr(std::move(bytes));
}

std::string Multiaddr::to_string() const {
  std::string text;
  for (Pieces pieces(bytes_); pieces.next();) {
    text += '/';
    text += pieces->info->name;
    if (pieces->info->value_bytes == 0) continue;
    text += '/';
    text += pieces->info->to_text(pieces->value);
  }
  return text;
}

std::vector<Multiaddr::Component> Multiaddr::components() const {
  std::vector<Component> components;
  for (Pieces pieces(bytes_); pieces.next();) {
    components.push_back({pieces.proto(), pieces->value});
  }
  return components;
}

bool Multiaddr::has(Proto proto) const {
  for (Pieces pieces(bytes_); pieces.next();) {
    if (pieces.proto() == proto) return true;
  }
  return false;
}

std::size_t Multiaddr::peer_offset() const {
  std::size_t offset = 0, last = 0;
  bool ends_in_peer = false;
  for (Pieces pieces(bytes_); pieces.next(); offset += pieces->size) {
    last = offset;
    ends_in_peer = pieces.proto() == Proto::p2p;
  }
  return ends_in_peer ? last : offset;
}

std::optional<PeerId> Multiaddr::peer_id() const {
  const auto last = BytesView(bytes_).subspan(peer_offset());
  if (last.empty()) return std::nullopt;
  return *PeerId::from_bytes(first_piece(last)->value);
}

Multiaddr Multiaddr::without_peer() const {
  return Multiaddr(to_bytes(BytesView(bytes_).first(peer_offset())));
}

Multiaddr Multiaddr::with_peer(const PeerId& peer) const {
  GOOP_ASSERT(!peer.empty());
  Multiaddr address = without_peer();
  append_piece(address.bytes_, Proto::p2p, peer.bytes());
  return address;
}

Result<Multiaddr> Multiaddr::join(const Multiaddr& inner) const {
  Bytes bytes = bytes_;
  append(bytes, inner.bytes_);
  GOOP_CHECK(check(bytes));
  return Multiaddr(std::move(bytes));
}

std::optional<AddressHost> Multiaddr::host() const {
  Pieces pieces(bytes_);
  if (!pieces.next()) return std::nullopt;
  if (pieces.proto() == Proto::ip6zone && !pieces.next()) return std::nullopt;
  return host_of(pieces.proto(), pieces->value);
}

std::optional<TcpTarget> Multiaddr::tcp_endpoint() const {
  Pieces pieces(bytes_);
  if (!pieces.next()) return std::nullopt;
  auto host = host_of(pieces.proto(), pieces->value);
  if (!host || !pieces.next() || pieces.proto() != Proto::tcp) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(pieces->value[0] << 8 | pieces->value[1]);
  return TcpTarget{*std::move(host), port};
}

bool Multiaddr::is_plain_tcp() const {
  if (!tcp_endpoint()) return false;
  Pieces pieces(bytes_);
  pieces.next();
  pieces.next();
  return !pieces.next() || (pieces.proto() == Proto::p2p && !pieces.next());
}

AddressScope Multiaddr::scope() const {
  const auto found = host();
  if (!found) return AddressScope::unroutable;
  if (const auto* address = std::get_if<IpAddress>(&*found)) return scope_of(*address);
  return scope_of_name(std::get<DnsName>(*found).name);
}

}  // namespace goop::p2p
