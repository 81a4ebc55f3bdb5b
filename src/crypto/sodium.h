// libsodium, made ready: it picks its fastest implementations for this processor on first use.
#pragma once

namespace goop::crypto {

void sodium_ready();

}  // namespace goop::crypto
