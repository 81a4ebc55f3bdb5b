// The symmetric state of a Noise handshake: a transcript hash and a key that both grow with every
// message (Noise framework, section 5.2), for Noise_XX_25519_ChaChaPoly_SHA256 without prologue.
#pragma once

#include <optional>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace goop::p2p {

class NoiseSymmetric {
 public:
  NoiseSymmetric();

  void mix_hash(BytesView bytes);
  void mix_key(const crypto::Secret<32>& shared);

  // Appends `plaintext`, sealed once there is a key.
  void seal(Bytes& to, BytesView plaintext);
  Result<Bytes> open(BytesView sealed);  // unverified: it was not sealed with this transcript

  const crypto::Sha256Digest& hash() const { return hash_; }

  // The two keys of the data phase: the initiator sends with the first.
  crypto::HkdfPair split() const;

 private:
  crypto::Sha256Digest hash_;
  crypto::Secret<32> chaining_;
  std::optional<crypto::Secret<32>> key_;
  std::uint64_t nonce_ = 0;
};

}  // namespace goop::p2p
