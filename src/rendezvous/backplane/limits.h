// Caps and times of the backplane. All are ours. Times that depend on the TTL are in timing.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::rendezvous::backplane::limits {

using namespace std::chrono_literals;

// --- what is sent ---
inline constexpr auto pace = 25ms;                      // between two looks for work
inline constexpr std::size_t frame_bytes = 128 * 1024;  // of rows; NATS takes 1 MiB
inline constexpr std::size_t frames_at_once = 4;        // per look
inline constexpr auto repeat = 60s;                     // a row's newest message goes out again
inline constexpr std::size_t waiting = 50'000;          // peers to be told about
inline constexpr std::size_t meetings = 256;            // that wait to be said; more are not
inline constexpr auto pulse_least = 250ms, pulse_most = 2'000ms;  // see timing.h
inline constexpr auto ask_pause = 1s;  // between two questions to one server

// --- what comes ---
inline constexpr std::size_t frame_most = 512 * 1024;  // a larger one is dropped
inline constexpr std::size_t entries_most = 4'096;     // in one frame
inline constexpr std::size_t introductions = 50;       // of one peer to those of one server
inline constexpr std::size_t servers = 32;             // others that are listened to
inline constexpr std::size_t queue_messages = 16'384, queue_bytes = 32 << 20;  // not yet taken in
inline constexpr std::size_t take_bytes = 1 << 20;  // taken in before it is our turn again
inline constexpr auto look_after = 250ms;           // between two looks for silent servers

// --- the connection ---
inline constexpr auto connect_time = 2s;
inline constexpr auto connect_patience = 10s;  // names included
inline constexpr auto back_off_first = 250ms, back_off_most = 2'000ms;
inline constexpr auto farewell_time = 500ms;  // for the last word to go out

}  // namespace goop::rendezvous::backplane::limits
