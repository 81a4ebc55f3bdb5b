// Caps, times and rates of presence as a peer keeps it.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace goop::peer::presence::limits {

// --- the table ---
inline constexpr std::size_t table_peers = 20'000;    // ours; twice the target of one server
inline constexpr std::size_t ended_peers = 20'000;    // ours; whose last ts is still kept
inline constexpr std::size_t shown_text_bytes = 256;  // ours; of a label or another text, kept
inline constexpr double updates_per_second = 2;       // ours; one peer's messages of one proof
inline constexpr double updates_burst = 10;           // ours; online, addresses and label at once
inline constexpr Duration reorder_window = 10s;       // ours; between two ways of one message
inline constexpr Duration failure_spacing = 2s;       // reference; failures within count once
inline constexpr int failures_to_unreachable = 2;     // reference
inline constexpr std::size_t vouching_servers = 16;   // ours; more rendezvous servers than one has

}  // namespace goop::peer::presence::limits
