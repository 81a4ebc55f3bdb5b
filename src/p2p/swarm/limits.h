// Caps, times and marks of p2p/swarm. What an operator may change is in BudgetLimits (budget.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::p2p::limits {

using namespace std::chrono_literals;

// Address book.
inline constexpr std::size_t book_peers = 10'000;             // ours; the least recently used go
inline constexpr std::size_t book_addresses_connected = 500;  // per peer, as go-libp2p
inline constexpr std::size_t book_addresses_after = 20;      // once disconnected, as go-libp2p 0.49
inline constexpr std::size_t book_addresses_given = 100;     // ours; no more can be dialled
inline constexpr std::size_t book_told_address_bytes = 256;  // ours; a circuit address has 110
inline constexpr auto book_life_after = 15min;               // after disconnecting, as go-libp2p

// Dialling; go-libp2p's values unless said otherwise.
inline constexpr std::size_t dial_addresses = 100;  // of one peer, after resolution
inline constexpr std::size_t dial_parallel = 8;     // attempts of one peer at once
inline constexpr auto dial_timeout_public = 15s;    // one address, security and muxer included
inline constexpr auto dial_timeout_private = 5s;
inline constexpr auto dial_timeout_peer = 60s;
inline constexpr auto dial_step_public = 250ms;  // between the first attempts of a group
inline constexpr auto dial_step_private = 30ms;
inline constexpr auto dial_relay_delay = 500ms;         // when there is a public direct address
inline constexpr std::uint16_t told_port_least = 1024;  // nobody may point us below it

inline constexpr auto backoff_first = 5s;  // plus n² seconds after the n-th further failure
inline constexpr auto backoff_most = 5min;
inline constexpr std::size_t backoff_entries = 10'000;  // ours

// Dials to one IP address that others named, whichever peer is said to be there. Ours.
inline constexpr double told_dial_rate = 1, told_dial_burst = 16;
inline constexpr std::size_t told_dial_targets = 4096;

// Name resolution.
inline constexpr std::size_t resolve_depth = 4;      // dnsaddr that leads to dnsaddr, as go-libp2p
inline constexpr std::size_t resolve_results = 100;  // as go-libp2p
inline constexpr std::size_t resolve_queries = 32;   // ours, of one peer
inline constexpr std::size_t resolve_parallel = 8;   // ours
inline constexpr std::size_t resolve_text_records = 100;  // ours, looked at in one answer
inline constexpr auto resolve_timeout = 5s;               // ours, for everything together

// Budget tables.
inline constexpr std::size_t rate_entries = 10'000;  // ours; addresses whose rate is watched

// Connection manager; go-libp2p's values.
inline constexpr auto trim_grace = 1min;      // a young connection is not trimmed
inline constexpr auto trim_interval = 10s;    // how often it looks
inline constexpr auto redundant_idle = 1min;  // a second connection to one peer may go after it
inline constexpr std::size_t protection_tags = 16;  // ours, per peer

// Observed addresses.
inline constexpr std::size_t observers_needed = 4;    // as go-libp2p
inline constexpr std::size_t observers_kept = 512;    // ours
inline constexpr std::size_t observed_addresses = 4;  // ours, per family
inline constexpr auto observation_life = 30min;       // ours; identify repeats on every connection

}  // namespace goop::p2p::limits
