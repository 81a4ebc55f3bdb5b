// Noise XX: two peers prove who they are and agree on two keys.
//
//   initiator > e                         unencrypted, no payload
//   responder < e, ee, s, es  + payload
//   initiator > s, se         + payload
//
// A payload carries the identity key, its signature over the sender's Noise static key, and the
// muxers offered early, so that the muxer costs no round trip of its own. The machine is pure; its
// messages are without the two length bytes, which `handshake` adds.
//
// The initiator compares the proven id with the one it dialled before it says who it is itself
// (GHSA-rch7-f4h5-x9rj).
//
// Spec:   libp2p/specs noise.   Limits: limits::noise_*
// Errors: violation, invalid (structure), too_large, unverified (decryption, signature, a key of
//         small order, another id than expected), and those of PublicKey. All end the connection,
//         without a word to the other side.
#pragma once

#include <optional>

#include "crypto/x25519.h"
#include "p2p/duplex.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"
#include "p2p/secure/limits.h"
#include "p2p/secure/noise_symmetric.h"

namespace goop::p2p {

enum class HandshakeRole { initiator, responder };

// Whether the handshake offers /yamux/1.0.0; without it the muxer is negotiated afterwards.
enum class EarlyMuxer { offer, withhold };

// Fresh random bytes for every connection.
struct HandshakeSecrets {
  crypto::Secret<32> ephemeral_key, static_key;

  static HandshakeSecrets from(Runtime& runtime);
};

struct HandshakeResult {
  PeerId remote;
  PublicKey remote_key;
  bool early_yamux;  // both sides offered it: yamux starts at once
  crypto::Secret<32> key_send, key_receive;
  crypto::Sha256Digest hash;  // of the transcript; the same on both sides, different every time
};

class NoiseHandshake {
 public:
  // Borrows `identity`. Without `expected` anybody is welcome who can prove an id.
  NoiseHandshake(HandshakeRole role, const KeyPair& identity, const HandshakeSecrets& secrets,
                 std::optional<PeerId> expected, EarlyMuxer muxer = EarlyMuxer::offer);

  bool our_turn() const {
    return !done() && (next_ % 2 == 0) == (role_ == HandshakeRole::initiator);
  }
  bool done() const { return next_ == 3; }

  // After an error the machine is of no more use.
  Result<Bytes> next_message();                // only when it is our turn
  Result<void> on_message(BytesView message);  // only when it is not, and not done

  HandshakeResult result() const;  // once done

 private:
  Result<void> write_identity(Bytes& to);           // s, se or es, payload
  Result<void> read_ephemeral(BytesView& message);  // e
  Result<void> read_identity(BytesView& message);   // s, se or es, payload
  Result<void> agree(const crypto::X25519Key& ours, const crypto::X25519Public& theirs);
  Result<void> check_payload(BytesView payload);
  Bytes payload() const;

  HandshakeRole role_;
  const KeyPair& identity_;
  std::optional<PeerId> expected_;
  EarlyMuxer muxer_;
  NoiseSymmetric state_;
  crypto::X25519Key ephemeral_, static_;
  crypto::X25519Public remote_ephemeral_{}, remote_static_{};
  std::optional<PublicKey> remote_key_;
  bool remote_offers_yamux_ = false;
  int next_ = 0;  // index of the message to come
};

// Runs the handshake; what follows its last message stays unread.
Task<HandshakeResult> handshake(Duplex& over, NoiseHandshake machine, Deadline by);

}  // namespace goop::p2p
