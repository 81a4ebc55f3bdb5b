#include "crypto/sodium.h"

#include <sodium.h>

#include "base/error.h"

namespace goop::crypto {

void sodium_ready() {
  static const bool ready = sodium_init() >= 0;
  GOOP_ASSERT(ready);
}

}  // namespace goop::crypto
