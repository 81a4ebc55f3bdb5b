// X25519 key agreement (RFC 7748).
#pragma once

#include <array>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace goop::crypto {

using X25519Public = std::array<std::uint8_t, 32>;

class X25519Key {
 public:
  explicit X25519Key(const Secret<32>& random);  // 32 bytes of Runtime::random

  const X25519Public& public_key() const { return public_; }

  // unverified: the result is all zero, so the other side sent a point of small order.
  Result<Secret<32>> shared(const X25519Public& remote) const;

 private:
  Secret<32> secret_;
  X25519Public public_;
};

}  // namespace goop::crypto
