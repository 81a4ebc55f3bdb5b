// What does the work of ChaChaPoly: one library's cipher with one key.
//
// Thread: one at a time.   Only crypto/ includes this.
#pragma once

#include "crypto/aead.h"

namespace goop::crypto {

class AeadEngine {
 public:
  AeadEngine() = default;
  AeadEngine(const AeadEngine&) = delete;
  virtual ~AeadEngine() = default;

  using Nonce = std::array<std::uint8_t, 12>;
  using Tag = std::array<std::uint8_t, ChaChaPoly::tag_bytes>;

  // `out` has room for the parts and the tag.
  virtual void seal(const Nonce& nonce, BytesView aad, std::span<const BytesView> parts,
                    MutBytes out) = 0;
  virtual bool open(const Nonce& nonce, BytesView aad, BytesView ciphertext, const Tag& tag,
                    MutBytes out) = 0;
};

std::unique_ptr<AeadEngine> openssl_aead(const Secret<32>& key);

// Null where libgcrypt does not offer the cipher (in FIPS mode).
std::unique_ptr<AeadEngine> gcrypt_aead(const Secret<32>& key);

}  // namespace goop::crypto
