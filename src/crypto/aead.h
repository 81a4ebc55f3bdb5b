// ChaCha20-Poly1305 (RFC 8439) with the nonce layout of Noise: 4 zero bytes, then the counter as
// 64 bits little-endian.
//
// The hot path of every connection: the cipher and its key are set up once per direction, and a
// frame costs only its IV and its bytes. No allocation, no algorithm lookup. Plaintext may come in
// several parts, so a frame header and a file's bytes are encrypted straight from where they are.
//
// Two libraries can do the work, and the processor decides which is faster
// (docs/dev/benchmarks.md): libgcrypt does cipher and authenticator in one pass with AVX2, OpenSSL
// has AVX-512 and ARM code.
//
// Thread: one at a time.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace goop::crypto {

class AeadEngine;  // crypto/aead_engine.h

enum class AeadLibrary { openssl, gcrypt };
AeadLibrary fastest_aead();

class ChaChaPoly {
 public:
  static constexpr std::size_t tag_bytes = 16;

  explicit ChaChaPoly(const Secret<32>& key, AeadLibrary library = fastest_aead());
  ChaChaPoly(ChaChaPoly&&) noexcept;
  ChaChaPoly& operator=(ChaChaPoly&&) noexcept;
  ~ChaChaPoly();

  // Writes ciphertext and tag to the front of `out` and returns their size, the sum of the parts
  // + 16; `out` must have room for it. A part may lie in `out` exactly where its ciphertext goes
  // (in place); any other overlap is a bug. Never seal twice with one nonce.
  std::size_t seal(std::uint64_t nonce, BytesView aad, std::span<const BytesView> parts,
                   MutBytes out);
  std::size_t seal(std::uint64_t nonce, BytesView aad, BytesView plaintext, MutBytes out);

  // Decrypts `sealed` (ciphertext and tag) to the front of `out`, which has room for its size - 16
  // and may start where `sealed` starts (in place). False: forged, damaged or too short; then what
  // `out` holds is meaningless.
  bool open(std::uint64_t nonce, BytesView aad, BytesView sealed, MutBytes out);

 private:
  std::unique_ptr<AeadEngine> engine_;
};

}  // namespace goop::crypto
