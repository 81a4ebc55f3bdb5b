// A link's token as it is kept: its SHA-256. Tokens themselves exist in the mail and in the peer's
// settings only.
#pragma once

#include <cstring>
#include <string_view>

#include "crypto/hash.h"

namespace goop::rendezvous::registration {

using TokenHash = crypto::Sha256Digest;

inline TokenHash hash_of(std::string_view token) { return crypto::sha256(as_bytes(token)); }

// A hash is as random as a hash table wants it.
struct FirstBytes {
  std::size_t operator()(const TokenHash& token) const {
    std::size_t first = 0;
    std::memcpy(&first, token.data(), sizeof first);
    return first;
  }
};

}  // namespace goop::rendezvous::registration
