// Times and sizes of the program.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace goop::apps::limits {

inline constexpr Duration stop_budget = 3s;     // ours; of an orderly stop
inline constexpr Duration same_signal = 100ms;  // ours; two signals so close are one
inline constexpr Duration connect_time = 20s;   // ours; to reach a peer from the command line
inline constexpr Duration answer_time = 30s;    // ours; without progress of an answer
inline constexpr Duration control_time = 5s;    // ours; a running peer's answer to the command line
inline constexpr Duration perf_time = 10min;    // ours; of a measurement through a running peer
inline constexpr Duration ping_pause = 1s;      // as ping(8)
inline constexpr Duration progress_first = 500ms;  // ours; shorter transfers show no progress
inline constexpr Duration progress_pace = 200ms;   // ours

inline constexpr Duration presence_pace = 100ms;      // ours; between rounds of changed peers
inline constexpr std::size_t presence_events = 1000;  // ours; in one round; of more it is said so
inline constexpr Duration watch_silence = 40s;        // ours; the event stream beats every 15 s
inline constexpr std::size_t name_bytes = 48;         // ours; of a peer's name in a table

inline constexpr std::size_t user_entry_bytes = 16 * 1024;  // ours; one row of the users' list
inline constexpr unsigned pool_threads = 4;                 // ours; they start with the first job
inline constexpr int malloc_arenas = 2;                // ours; each costs memory, few are needed
inline constexpr std::size_t kept_bytes = 256 * 1024;  // ours; of sessions.json and the like
inline constexpr std::size_t answer_bytes = 16 << 20;  // ours; of a running peer's JSON
inline constexpr unsigned perf_streams = 1000;         // ours
inline constexpr unsigned ping_rounds = 1'000'000;     // ours

}  // namespace goop::apps::limits
