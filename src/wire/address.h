// What a person may give where a peer is meant: on the command line, in the "visit" field.
//
//   /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…     a multiaddr that names its peer
//   12D3KooW…, k51…, bafz…                    a bare peer id, when its addresses are known
//   goop://12D3KooW…?addr=…                   a link (link.h)
//
// Errors: invalid, too_large; the text says what is wrong and what to give instead.
#pragma once

#include "wire/link.h"

namespace goop::wire {

Result<PeerAddress> parse_address(std::string_view text);

}  // namespace goop::wire
