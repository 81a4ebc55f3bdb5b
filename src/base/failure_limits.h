// Times of tasks that fail and are started again (supervised.h, failure_log.h); ours.
#pragma once

#include <chrono>

namespace goop::limits {

using namespace std::chrono_literals;

inline constexpr auto restart_first = 250ms;    // pause before the second try; it doubles
inline constexpr auto restart_most = 30s;       // up to this one
inline constexpr auto restart_settled = 1min;   // who ran so long begins with the first pause again
inline constexpr auto failure_log_pace = 1min;  // between two lines about the same failure

}  // namespace goop::limits
