#include "wire/address.h"

#include "base/bytes.h"
#include "wire/link_limits.h"

namespace goop::wire {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

Result<PeerAddress> from_multiaddr(std::string_view text) {
  auto address = p2p::Multiaddr::parse(text);
  if (!address) {
    return fail(Errc::invalid,
                "{} is not an address ({}); it should look like /ip4/192.0.2.7/tcp/4001/p2p/12D3…",
                printable(text), address.error().detail);
  }
  const auto peer = address->peer_id();
  if (!peer) {
    return fail(Errc::invalid, "{} does not say who is there; add /p2p/<peer id> to it",
                printable(text));
  }
  PeerAddress result{*peer, {}};
  GOOP_TRY(auto location, location_of(*address));
  if (!location.empty()) result.addresses.push_back(std::move(location));
  return result;
}

}  // namespace

Result<PeerAddress> parse_address(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) {
    return fail(Errc::invalid, "no address; give a multiaddr, a peer id or a goop:// link");
  }
  if (text.size() > limits::link_bytes) {
    return fail(Errc::too_large, "an address of {} bytes; at most {} are read", text.size(),
                limits::link_bytes);
  }
  if (is_link(text)) return parse_link(text);
  if (text.starts_with('/')) return from_multiaddr(text);
  auto peer = p2p::PeerId::parse(text);
  if (!peer) {
    return fail(Errc::invalid,
                "{} is neither a peer id (12D3…), nor a multiaddr (/ip4/…/p2p/12D3…), nor a "
                "goop:// link ({})",
                printable(text), peer.error().detail);
  }
  return PeerAddress{*peer, {}};
}

}  // namespace goop::wire
