// goop://<peer id>[?addr=<multiaddr>[&addr=…]]: a peer and how to reach it, in one line that can be
// clicked, mailed or shown as a QR code.
//
// The peer id is base58 when we write; every form libp2p knows is read. Addresses are
// percent-encoded multiaddrs; one may end in /p2p/<the same peer id>, which is dropped. Other
// parameters are for later versions and pass.
//
// Limits: limits::link_bytes, limits::link_addresses.   Errors: invalid, too_large; the text is
// for the person who typed or clicked the link.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"

namespace goop::wire {

struct PeerAddress {
  p2p::PeerId peer;
  std::vector<p2p::Multiaddr> addresses;  // without /p2p/<peer> at the end; none: not known

  bool operator==(const PeerAddress&) const = default;
};

// Returns the part of a multiaddr that says where its peer is: the /p2p/<peer> at its end is
// dropped. invalid: another /p2p/ stands right before it.
Result<p2p::Multiaddr> location_of(const p2p::Multiaddr& address);

bool is_link(std::string_view text);  // starts with goop:, in any case
Result<PeerAddress> parse_link(std::string_view text);

// Addresses beyond the caps are left out, from the end.
std::string format_link(const PeerAddress& address);

}  // namespace goop::wire
