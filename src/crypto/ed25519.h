// Ed25519 signatures (RFC 8032).
//
// A key is made from its seed alone and computes its own public half: there is no way to sign with
// a public key that does not belong to the seed (RUSTSEC-2022-0093).
#pragma once

#include <array>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace goop::crypto {

using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

class Ed25519Key {
 public:
  explicit Ed25519Key(const Secret<32>& seed);

  const Ed25519Public& public_key() const { return public_; }
  Secret<32> seed() const;
  Ed25519Signature sign(BytesView message) const;

 private:
  Secret<64> secret_;  // seed, then public key
  Ed25519Public public_;
};

// False for signatures of any other length, and for public keys of small order.
bool ed25519_verify(const Ed25519Public& key, BytesView message, BytesView signature);

}  // namespace goop::crypto
