// Caps of codec/.
#pragma once

#include <cstddef>

namespace goop::codec::limits {

inline constexpr int brotli_quality = 5;            // ours; near gzip 6 in time, ahead in size
inline constexpr int gzip_level = 6;                // zlib's default
inline constexpr std::size_t unpacked_ratio = 200;  // ours; text reaches 10, a bomb 1000 and more
inline constexpr std::size_t unpacked_slack = 64 * 1024;  // bytes that pass at any ratio

inline constexpr std::size_t markdown_bytes = 64 * 1024;  // ours; made to be slow: half a second
inline constexpr std::size_t markdown_nesting = 32;       // ours; blocks and marks in each other

}  // namespace goop::codec::limits
