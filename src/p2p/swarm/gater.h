// A hook that may say no: asked before a dial, after an accept, and once a peer id is proven.
#pragma once

#include <functional>

#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"

namespace goop::p2p {

// Each member may be empty (everything is allowed); false refuses.
struct Gater {
  std::function<bool(const PeerId&, const Multiaddr&)> may_dial;
  std::function<bool(const Multiaddr& remote)> may_accept;
  std::function<bool(const PeerId&, const Multiaddr& remote)> may_keep;
};

}  // namespace goop::p2p
