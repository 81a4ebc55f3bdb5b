// Which addresses we tell others, and which of those told to us are worth a dial.
//
// Outward: what can be of use beyond this machine, the furthest reaching first, so that a reader
// who takes only some takes the best. Inward: nobody makes us dial this machine, one cable's
// neighbours, ourselves, a group address, or a system's port on another machine; and somebody on
// the internet names addresses of the internet only (p2p/swarm/dial_address.h has those rules).
//
// Pure.   Limits: wire::limits::presence_addresses.
#pragma once

#include <span>
#include <vector>

#include "p2p/multi/multiaddr.h"

namespace goop::peer::presence {

std::vector<p2p::Multiaddr> addresses_to_announce(std::span<const p2p::Multiaddr> own);

// `teller`: how far away the one is who told us.
std::vector<p2p::Multiaddr> addresses_to_dial(std::span<const p2p::Multiaddr> told,
                                              std::span<const p2p::Multiaddr> own,
                                              p2p::AddressScope teller);

}  // namespace goop::peer::presence
