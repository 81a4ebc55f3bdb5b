// Caps of p2p_io, the layer that negotiation speaks over, and the budgets of work.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::p2p::limits {

// One read of the raw transport before security is up. Negotiation messages are far smaller; what a
// peer sends ahead of time waits in the kernel. Ours.
inline constexpr std::size_t raw_read_bytes = 2048;

// Work that others may make us do (p2p/work_budget.h), all ours: units per second, and at once.
struct WorkRate {
  double per_second, burst;
};
inline constexpr WorkRate connection_work{250e6, 500e6};     // a quarter of a core
inline constexpr WorkRate network_work{400e6, 1000e6};       // of one IPv4 /24 or IPv6 /48 together
inline constexpr WorkRate host_work{750e6, 1500e6};          // of all
inline constexpr double share_burst = 1;                     // seconds of a share, at once
inline constexpr auto work_pause = std::chrono::seconds(2);  // one; below the ping's timeout
// A connection that is over its rate for so long, without so much of a rest, is closed.
inline constexpr auto flood_time = std::chrono::seconds(60);
inline constexpr auto flood_rest = std::chrono::seconds(1);

}  // namespace goop::p2p::limits
