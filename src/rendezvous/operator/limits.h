// Caps, times and rates of what the operator of a rendezvous server uses. All are ours.
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
// Wrong ones without a proof of work: of a client, and of all strangers together.
inline constexpr std::size_t admin_tries_per_minute = 5;
inline constexpr double strangers_per_second = 1, strangers_at_once = 10;
// Of a core, for each standing. A check is some 60 ms of a core; what it takes counts within these
// bounds, so that each standing has 2 to 5 checks a second.
inline constexpr double password_share = 0.25;
inline constexpr auto password_burst = 250ms;
inline constexpr auto password_time = 50ms, password_time_most = 100ms;
inline constexpr double tries_forgotten_per_second = 0.1;  // in the order of those who wait
inline constexpr auto tries_remembered = 10min;            // however many there were
inline constexpr std::size_t known_addresses = 64;         // the one unused for longest goes
inline constexpr auto known_life = std::chrono::days(90);  // since the last login
inline constexpr auto known_step = std::chrono::days(1);   // between two writes of one address

// --- the puzzle ---
inline constexpr auto puzzle_life = 2min;
inline constexpr std::size_t redeemed_proofs = 10'000;  // remembered; then the oldest are refused
// Zero bits: 2^16 hashes are 0.1 s in a browser, 2^20 some 2 s. One more each time that the wrong
// passwords of the last minute or so, proof and all, have doubled.
inline constexpr unsigned puzzle_bits_least = 16, puzzle_bits_most = 20;
inline constexpr double puzzle_eased = 8;  // wrong ones up to which it is easiest

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
