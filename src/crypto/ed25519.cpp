#include "crypto/ed25519.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace goop::crypto {

Ed25519Key::Ed25519Key(const Secret<32>& seed) {
  sodium_ready();
  crypto_sign_ed25519_seed_keypair(public_.data(), secret_.mut().data(), seed.view().data());
}

Secret<32> Ed25519Key::seed() const { return Secret<32>(secret_.view().first<32>()); }

Ed25519Signature Ed25519Key::sign(BytesView message) const {
  Ed25519Signature signature;
  crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                               secret_.view().data());
  return signature;
}

bool ed25519_verify(const Ed25519Public& key, BytesView message, BytesView signature) {
  if (signature.size() != crypto_sign_ed25519_BYTES) return false;
  sodium_ready();
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                             key.data()) == 0;
}

}  // namespace goop::crypto
