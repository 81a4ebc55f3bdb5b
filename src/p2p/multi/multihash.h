// A digest that names its function: uvarint(code), uvarint(length), digest.
//
// Spec: multiformats/multihash.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace goop::p2p {

namespace hash_code {
inline constexpr std::uint64_t identity = 0x00;
inline constexpr std::uint64_t sha2_256 = 0x12;
}  // namespace hash_code

struct Multihash {
  std::uint64_t code;
  BytesView digest;  // into the bytes that were read
};

// All of `bytes` is one multihash; what follows it is an error. sha2-256 has 32 bytes.
Result<Multihash> read_multihash(BytesView bytes);
void append_multihash(Bytes& to, std::uint64_t code, BytesView digest);

}  // namespace goop::p2p
