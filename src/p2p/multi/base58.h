// base58btc, the text form of peer ids.
//
// Decoding costs the square of the length, so text over limits::base_text_chars is refused first.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p {

std::string base58_encode(BytesView bytes);
Result<Bytes> base58_decode(std::string_view text);  // too_large, invalid

}  // namespace goop::p2p
