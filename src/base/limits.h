// Caps of base/.
#pragma once

#include <cstddef>

namespace goop::limits {

inline constexpr std::size_t log_ring_lines = 800;   // as many as the reference keeps
inline constexpr std::size_t log_value_bytes = 400;  // ours
inline constexpr std::size_t json_depth = 32;        // ours
inline constexpr std::size_t json_bytes = 1 << 20;   // ours; of one text, unless told otherwise
inline constexpr std::size_t feed_window_events =
    512;  // ours; a reader that lags more learns "gap"

}  // namespace goop::limits
