// Times of echo.
#pragma once

#include <chrono>

namespace goop::p2p::limits {

inline constexpr auto echo_idle = std::chrono::seconds(30);  // without progress, either way

}  // namespace goop::p2p::limits
