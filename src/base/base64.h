// base64 as RFC 4648 section 4 has it: the standard alphabet, padded.
//
// Strict, so that bytes have one text: no line breaks, no missing padding, unused bits are zero.
#pragma once

#include "base/bytes.h"

namespace goop {

std::string to_base64(BytesView bytes);
Result<Bytes> from_base64(std::string_view text);  // invalid

}  // namespace goop
