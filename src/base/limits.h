// Caps of base/.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t log_ring_lines = 800;   // as many as the reference keeps
inline constexpr std::size_t log_value_bytes = 400;  // ours
inline constexpr std::size_t json_depth = 32;        // ours
inline constexpr std::size_t json_bytes = 1 << 20;   // ours; of one text, unless told otherwise
inline constexpr std::size_t feed_window_events =
    512;  // ours; a reader that lags more learns "gap"

// Looking for work before the loop sleeps (base/look_out.h); ours.
inline constexpr auto look_out_most = 200us;
inline constexpr auto look_out_calm = 20ms;      // none for so long after others were in our way
inline constexpr double look_out_share = 0.01;   // of the time, for those in vain
inline constexpr double look_out_burst = 0.002;  // seconds of it at once

}  // namespace goop::limits
