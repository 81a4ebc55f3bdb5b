// SHA-256 and what is built on it: HMAC and the two-output HKDF of the Noise framework.
//
// Thread: any; a Sha256 object belongs to one thread at a time.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"
#include "crypto/secret.h"

struct evp_md_ctx_st;

namespace goop::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(BytesView bytes);

// Broken as a hash; for formats that ask for it where nothing rests on it (WebSocket's handshake).
std::array<std::uint8_t, 20> sha1(BytesView bytes);

Sha256Digest hmac_sha256(BytesView key, BytesView message);

// Bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;

  void update(BytesView bytes);
  Sha256Digest finish();  // of everything since the last finish; then starts anew

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// Noise, section 4.3: HKDF with two outputs of 32 bytes.
struct HkdfPair {
  Secret<32> first, second;
};
HkdfPair hkdf_sha256(BytesView chaining_key, BytesView input);

}  // namespace goop::crypto
