// What one message, from whichever channel, says of a peer; and what the table says of it then.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/hash.h"
#include "wire/presence.h"

namespace goop::peer::presence {

// How we know of a peer; each bit of KnownPeer::known_by is one of them.
enum class Channel : std::uint8_t { gossip = 1, rendezvous = 2, connection = 4 };

// What stands behind what we show of a peer. `hearsay`: an unsigned message; `connection`: a
// handshake with the peer itself; `signature`: its own signed message.
enum class Proof { hearsay, connection, signature };

// Two clocks: one for what passes here, one for what others say.
struct Now {
  Instant at;
  WallTime wall;
};

struct Sighting {
  wire::Presence presence;  // online, update or offline
  Channel channel = Channel::gossip;
  // Of the envelope of a signed message; none: it is unsigned. The table asks which message this
  // is before the signature is checked, and is given it only after.
  std::optional<crypto::Sha256Digest> envelope = {};
  std::string server = {};            // which rendezvous server said so
  std::optional<bool> verified = {};  // that server's word on the peer's e-mail
};

// A row of the table.
struct KnownPeer {
  p2p::PeerId id = {};
  std::string label = {}, email = {}, avatar_hash = {}, active_template = {}, client_version = {};
  std::string public_key = {};  // empty: none, or none that can be trusted now
  bool video_disabled = false, encryption_supported = false;
  std::vector<p2p::Multiaddr> addresses = {};
  bool verified = false;  // a rendezvous server vouches for its e-mail
  bool online = false;
  bool connected = false;  // by libp2p, directly or through a relay
  bool reachable = false;  // it answered lately
  bool favourite = false;
  Proof proof = Proof::hearsay;
  std::uint8_t known_by = 0;  // Channel bits, of the time to live that runs
  WallTime last_seen{};

  bool is_known_by(Channel channel) const {
    return (known_by & static_cast<std::uint8_t>(channel)) != 0;
  }
  bool operator==(const KnownPeer&) const = default;
};

struct PeerEvent {
  enum class Kind { appeared, changed, left, removed };  // left: now offline, but still a row
  Kind kind;
  p2p::PeerId peer;

  bool operator==(const PeerEvent&) const = default;
};
using PeerEvents = std::vector<PeerEvent>;

}  // namespace goop::peer::presence
