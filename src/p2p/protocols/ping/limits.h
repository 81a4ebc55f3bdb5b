// Sizes and times of ping.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::p2p::limits {

inline constexpr std::size_t ping_bytes = 32;                      // libp2p/specs ping
inline constexpr auto ping_idle = std::chrono::seconds(30);        // served stream, as go-libp2p
inline constexpr auto ping_write_time = std::chrono::seconds(10);  // as go-libp2p

}  // namespace goop::p2p::limits
