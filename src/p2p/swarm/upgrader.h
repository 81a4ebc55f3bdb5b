// From a bare byte pipe to a proven, secret, muxed connection: security is negotiated, then the
// handshake, then the muxer unless the handshake settled it.
//
// Spec:   libp2p/specs connections.   Thread: loop only.
// Errors: unverified (another peer than expected), violation, unsupported, timeout, closed.
#pragma once

#include <optional>

#include "p2p/multi/keys.h"
#include "p2p/secure/noise_channel.h"
#include "p2p/secure/noise_handshake.h"

namespace goop::p2p {

struct Upgraded {
  NoiseChannel channel;
  Segment surplus;  // decrypted, behind the muxer negotiation
  PeerId peer;
  PublicKey key;
};

struct UpgradeOptions {
  const KeyPair& identity;
  std::shared_ptr<BlockPool> pool;
  EarlyMuxer muxer = EarlyMuxer::offer;
};

Task<Upgraded> upgrade_outbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                                UpgradeOptions options, PeerId expected, Deadline by);
Task<Upgraded> upgrade_inbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                               UpgradeOptions options, Deadline by);

}  // namespace goop::p2p
