// Caps, times and rates of what the operator of a rendezvous server uses. All are ours. How many
// tries at the password: rendezvous/limits.h.
#pragma once

#include <chrono>
#include <cstddef>

#include "rendezvous/limits.h"

namespace goop::rendezvous::limits {

using namespace std::chrono_literals;

// --- the password ---
inline constexpr std::size_t password_bytes = 1024;
inline constexpr std::size_t password_queue = 16;  // that wait for their check; beyond: busy
inline constexpr auto basic_life = 5min;           // a right password over Basic is not hashed anew

// --- sessions ---
inline constexpr std::size_t operator_sessions = 32;  // the oldest ends for a new one
inline constexpr auto operator_session_life = 12h;

// --- what is shown ---
inline constexpr auto sample_every = 5s;
inline constexpr std::size_t samples = 360;          // half an hour
inline constexpr std::size_t operator_rows = 1'000;  // of one answer about peers
inline constexpr std::size_t operator_search_bytes = 200;
// Who is here, in order: rows that are put into it before others are served, and for how long it is
// kept without a question.
inline constexpr std::size_t roll_step = 200;
inline constexpr auto roll_kept = 1min;

// --- what is said ---
inline constexpr std::size_t operator_body_bytes = 4 * 1024;
inline constexpr std::size_t blocked_peers = 10'000;

}  // namespace goop::rendezvous::limits
