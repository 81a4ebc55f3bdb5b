// Compression as HTTP and our own protocols name it: "br" and "gzip", of whole byte strings.
//
// Packing costs milliseconds per megabyte and belongs on the pool. Unpacking trusts nobody: it
// stops at the size the caller allows, and at a ratio that honest content does not have.
//
// Spec:   RFC 7932 (brotli), RFC 1952 (gzip).
// Thread: any.   Limits: codec/limits.h.   Errors: unpack returns invalid or too_large.
#pragma once

#include "base/bytes.h"

namespace goop::codec {

enum class Coding { gzip, br };

Bytes pack(Coding coding, BytesView bytes);

// The whole of `packed`, which must be one complete stream without anything behind it.
Result<Bytes> unpack(Coding coding, BytesView packed, std::size_t max_bytes);

}  // namespace goop::codec
