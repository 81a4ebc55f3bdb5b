#include "crypto/x25519.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace goop::crypto {

X25519Key::X25519Key(const Secret<32>& random) : secret_(random) {
  sodium_ready();
  crypto_scalarmult_curve25519_base(public_.data(), secret_.view().data());
}

Result<Secret<32>> X25519Key::shared(const X25519Public& remote) const {
  Secret<32> result;
  // Not zero exactly when every bit of the result is.
  if (crypto_scalarmult_curve25519(result.mut().data(), secret_.view().data(), remote.data()) !=
      0) {
    return fail(Errc::unverified, "X25519 with a point of small order");
  }
  return result;
}

}  // namespace goop::crypto
