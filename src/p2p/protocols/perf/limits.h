// Sizes and times of perf.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::p2p::limits {

inline constexpr std::size_t perf_block_bytes = 256 * 1024;    // of one write
inline constexpr auto perf_stall = std::chrono::seconds(30);   // without progress, either way
inline constexpr std::uint64_t perf_most_bytes = 64ull << 30;  // a server's cap per direction

}  // namespace goop::p2p::limits
