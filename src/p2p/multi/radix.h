// Bytes as digits of a base that is no power of two.
//
// Leading zero bytes become leading zero digits, as Bitcoin's base58 does it. The cost is the
// square of the length: callers cap it.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p {

enum class Radix : std::uint8_t {
  base58,  // base58btc
  base36,  // in small letters
};

std::string radix_encode(Radix radix, BytesView bytes);
Result<Bytes> radix_decode(Radix radix, std::string_view text);  // too_large, invalid

}  // namespace goop::p2p
