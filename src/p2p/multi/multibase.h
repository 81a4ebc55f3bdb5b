// Text forms of bytes that name their base in the first character.
//
// Spec: multiformats/multibase. Upper and lower case are kept apart: only what an encoder of that
// base emits is decoded, and unused bits must be zero, so every value has one text per base.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p {

enum class Base : char {
  base16 = 'f',
  base32 = 'b',
  base36 = 'k',
  base58 = 'z',
  base64 = 'm',
  base64url = 'u',
  base64url_pad = 'U',
};

std::string multibase_encode(Base base, BytesView bytes);  // prefix included
Result<Bytes> multibase_decode(std::string_view text);     // too_large, invalid, unsupported
std::string base_encode(Base base, BytesView bytes);       // without prefix
Result<Bytes> base_decode(Base base, std::string_view text);

}  // namespace goop::p2p
