// Caps, windows and times of p2p/mux.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "p2p/secure/limits.h"

namespace goop::p2p::limits {

using namespace std::chrono_literals;

// Windows (bytes).
inline constexpr std::uint32_t initial_window = 256 * 1024;  // fixed by the yamux protocol
inline constexpr std::uint32_t window_most = 16u << 20;      // as go-libp2p and js-libp2p
// Of all streams' unread data, with the blocks it keeps alive; then reading pauses. What one read
// brings in beyond it still fits below BudgetLimits::peer_memory.
inline constexpr std::size_t unread_most = 30u << 20;
// Held memory is charged in such steps, and given back when so much is unused or at the next
// keep-alive. Ours.
inline constexpr std::size_t charge_step = 64 * 1024, charge_slack = 256 * 1024;
inline constexpr std::uint64_t send_window_most = 0xffff'ffffu;  // CVE-2026-31814

// A frame with header fills one Noise frame.
inline constexpr std::size_t body_most = noise_plaintext_bytes - 12;
// More than this under way, and writers wait for their turn; each then sends one frame.
inline constexpr std::size_t queued_bytes_most = 256 * 1024;

// Streams.
inline constexpr std::size_t inbound_streams = 1000;      // Goop2's profile
inline constexpr std::size_t unacknowledged_opens = 256;  // yamux
inline constexpr auto closing_stream_life = 30s;  // half closed by us, input ignored; then reset

// Control frames.
inline constexpr std::size_t queued_pongs = 32;      // as go-yamux
inline constexpr std::size_t queued_resets = 256;    // ours; then reading pauses
inline constexpr std::size_t queued_control = 2048;  // ours; all control frames, the same
// Frames that neither move data nor open anything (ping, empty update, unknown stream) cost one
// token; a body or credit smaller than `small_body` costs one small-frame token. While they are
// owed, reading pauses.
inline constexpr double control_rate = 10'000, control_burst = 20'000;
inline constexpr std::size_t small_body = 64;
inline constexpr double small_rate = 200'000, small_burst = 100'000;
// Streams opened and reset, or refused for want of a place, per second.
inline constexpr double churn_rate = 1'000, churn_burst = 2'000;

// A read that brings fewer bytes costs as a packet of its own (price::small_read). Ours.
inline constexpr std::size_t small_read_bytes = 1024;

// Unread bytes of a body are copied when the block they keep alive is this many times larger.
inline constexpr std::size_t sharing_waste = 4;

// Times.
inline constexpr auto keep_alive_interval = 5s;  // Goop2's profile; go-yamux: 30 s
inline constexpr auto rtt_interval = 30s;        // as go-yamux
inline constexpr auto pong_timeout = 10s;        // as go-yamux
inline constexpr auto write_timeout = 10s;       // per 64 KiB under way, as go-yamux
inline constexpr auto goodbye_linger = 100ms;    // between go away and closing

}  // namespace goop::p2p::limits
