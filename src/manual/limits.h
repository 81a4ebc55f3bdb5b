// Caps of the manual.
#pragma once

#include <cstddef>

namespace goop::manual::limits {

inline constexpr std::size_t query_bytes = 200;  // of a search; what is longer is cut
inline constexpr std::size_t query_words = 8;    // the first ones count
inline constexpr std::size_t results = 20;       // shown
inline constexpr std::size_t snippet_bytes = 220;

}  // namespace goop::manual::limits
