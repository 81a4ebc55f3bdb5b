// Bytes that are owned, borrowed or written to, and the few conversions between them and text.
//
// `Bytes` owns, `BytesView` borrows, `MutBytes` is a place to write. Text is `std::string` and is
// UTF-8 only after `is_utf8` said so; bytes from a remote stay bytes until then.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace goop {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;
using MutBytes = std::span<std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_text(BytesView view) { return std::string(as_text(view)); }

inline void append(Bytes& to, BytesView more) { to.insert(to.end(), more.begin(), more.end()); }
inline void append(Bytes& to, std::string_view more) { append(to, as_bytes(more)); }

bool equal(BytesView a, BytesView b);

// Same result for every content of equal length in the same time; for secrets.
bool equal_constant_time(BytesView a, BytesView b);

std::string to_hex(BytesView bytes);
Result<Bytes> from_hex(std::string_view text);  // invalid: odd length or a foreign character

// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

// `text` made fit for one line of a log or a terminal: control characters and broken UTF-8 are
// escaped as \xNN, and what exceeds `max_bytes` is cut and marked with "…".
std::string printable(std::string_view text, std::size_t max_bytes = 200);

}  // namespace goop
