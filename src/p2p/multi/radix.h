// Bytes as digits of a base that is no power of two (base58btc, base36).
//
// Leading zero bytes become leading zero digits, as Bitcoin's base58 does it. The cost is the
// square of the length: callers cap it.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p {

inline constexpr std::string_view base58_digits =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
inline constexpr std::string_view base36_digits = "0123456789abcdefghijklmnopqrstuvwxyz";

std::string radix_encode(std::string_view digits, BytesView bytes);
Result<Bytes> radix_decode(std::string_view digits, std::string_view text);  // too_large, invalid

}  // namespace goop::p2p
