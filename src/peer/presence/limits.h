// Caps, times and rates of presence as a peer keeps it.
#pragma once

#include <cstddef>
#include <cstdint>

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

// --- what comes in ---
inline constexpr std::size_t waiting_messages = 20'000;  // ours; of servers, not yet checked
inline constexpr std::size_t checked_at_once = 64;       // ours; signatures in one pool job
inline constexpr Duration told_address_life = 2min;      // reference; of addresses, at least
inline constexpr Duration expire_pace = 1s;              // reference

// --- probing ---
inline constexpr std::size_t probes_at_once = 8;      // ours
inline constexpr std::size_t probes_waiting = 1'000;  // ours; the table is probed again anyway
inline constexpr std::size_t probed_unasked = 200;    // ours; in larger tables only on demand
inline constexpr Duration probe_time = 5s;            // ours; the reference gives up after 2 s
inline constexpr Duration probe_pause = 500ms;        // reference; after a failed one

// --- connections that were lost ---
inline constexpr std::size_t reconnect_peers = 256;    // ours; that are dialled again
inline constexpr std::size_t reconnects_at_once = 16;  // ours
inline constexpr Duration reconnect_time = 5s;         // ours; of one dial
inline constexpr Duration reconnect_first = 1s;        // ours; pause after the first failed dial
inline constexpr Duration reconnect_most = 6s;         // ours; so that an outage's end is noticed
inline constexpr Duration reconnect_spread = 500ms;    // ours; both sides lose it at one moment
inline constexpr Duration reconnect_settled = 30s;     // ours; what held so long was a success
inline constexpr Duration reconnect_life = 15min;      // as long as the address book knows where

// --- another computer with our identity ---
inline constexpr Duration twin_shown = 10min;    // ours; after its last sign
inline constexpr Duration twin_told_again = 1h;  // ours; in the log, while it goes on
inline constexpr Duration twin_look_time = 5s;   // ours; to see who answers under our own id

// --- announcing ---
inline constexpr std::size_t said_kept = 512;      // ours; own numbers, to know our messages again
inline constexpr Duration announce_pause = 1s;     // ours; between two that are not heartbeats
inline constexpr Duration newcomer_delay = 300ms;  // ours; a new neighbour is subscribed by then
inline constexpr std::chrono::milliseconds ts_reserve = 60s;  // ours; stored ahead of the clock
inline constexpr std::int64_t ts_steps = 100;  // ours; stored ahead where `ts` leads the clock
inline constexpr Duration goodbye_time = 1s;   // ours; to hand `offline` to every channel
inline constexpr Duration heard_time = 150ms;  // ours; for neighbours to get past the goodbye
inline constexpr std::size_t own_label_bytes = 256;  // ours; as much as others show
inline constexpr std::size_t ts_digits = 32;         // of data/presence.ts

}  // namespace goop::peer::presence::limits
