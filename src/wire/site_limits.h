// Caps of the site messages.
#pragma once

#include <cstddef>

namespace goop::wire::limits {

inline constexpr std::size_t site_path_bytes = 1024;  // ours; decoded
inline constexpr std::size_t site_line_bytes = 4096;  // ours; 1.0.0 request and header lines
inline constexpr std::size_t site_head_bytes = 4096;  // ours; 2.0.0 request and answer heads
inline constexpr std::size_t site_head_fields = 32;   // ours; the known ones are fewer than ten
inline constexpr std::size_t site_mime_bytes = 128;   // ours; RFC 6838 allows 127 per name
inline constexpr std::size_t site_etag_bytes = 100;   // ours; SHA-256 in hex with a prefix fits

}  // namespace goop::wire::limits
