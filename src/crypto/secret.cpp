#include "crypto/secret.h"

#include <openssl/crypto.h>

namespace goop::crypto {

void wipe(MutBytes bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

}  // namespace goop::crypto
