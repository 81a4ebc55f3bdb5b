// Caps, times and rates of the links to rendezvous servers.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace goop::peer::links::limits {

// --- trying again ---
inline constexpr Duration back_off_least = 250ms;    // reference; its only step but one
inline constexpr Duration back_off_first = 500ms;    // ours; the most that is waited at first
inline constexpr Duration back_off_most = 30s;       // ours
inline constexpr Duration settled_after = 10s;       // ours; what held so long was a success
inline constexpr Duration retry_after_most = 10min;  // ours; of what a server asks for
inline constexpr Duration twin_first = 30s;          // ours; another computer has our place
inline constexpr Duration twin_most = 5min;          // ours
inline constexpr int introductions = 2;              // ours; 425 in a row until it is a failure
inline constexpr int doubtful_failures = 2;          // ours; in a row, then without WebSocket

// --- one server ---
inline constexpr Duration open_time = 5s;       // reference; WebSocket handshake, stream opened
inline constexpr Duration publish_time = 2s;    // reference
inline constexpr Duration publish_pause = 1s;   // ours; after one that failed
inline constexpr Duration ask_pause = 30s;      // ours; between two questions about registration
inline constexpr Duration write_time = 2s;      // reference; of one frame
inline constexpr Duration silence = 15s;        // reference; of a WebSocket
inline constexpr Duration ping_every = 10s;     // ours; servers ping, this is for those that do not
inline constexpr Duration first_probe = 3s;     // reference
inline constexpr Duration probe_every = 10s;    // reference
inline constexpr Duration probe_time = 2s;      // reference
inline constexpr Duration introduce_time = 3s;  // ours; for something to introduce us with
inline constexpr Duration farewell_time = 200ms;  // ours; for the closing handshake
inline constexpr Duration known_there = 30s;      // ours; so long a server may show us after a link

// --- what comes in ---
inline constexpr std::size_t frame_bytes = 64 * 1024;  // reference; its line limit
inline constexpr std::size_t frame_depth = 10;         // a presence message in an envelope of ours
inline constexpr double message_rate = 2'000;    // ours; per second of one server, then it waits,
inline constexpr double message_burst = 40'000;  // ours; and at once: two snapshots
inline constexpr double garbage_cost = 10;       // ours; what cannot be read takes so many
inline constexpr Duration busy_pause = 50ms;     // ours; whoever listens takes no more now
inline constexpr Duration flood_pause = 1s;      // ours; the longest such wait at a time
inline constexpr std::size_t turn = 64;          // ours; messages taken between two yields
inline constexpr std::size_t roster_peers = 20'000;  // ours; as the peer table
inline constexpr std::size_t event_id_bytes = 64;    // as our servers
inline constexpr Duration resume_within = 10s;       // ours; well below a peer's time to live
inline constexpr Duration remind_every = 5s;         // ours; a quarter of a peer's time to live

// --- what others see ---
inline constexpr std::size_t error_bytes = 200;    // of the text of a refusal
inline constexpr std::size_t answer_bytes = 4096;  // of an answer to POST

}  // namespace goop::peer::links::limits
