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

inline constexpr auto simultaneous_pause = 50ms;  // ours, before a crossed dial is repeated

// Upgrades and streams.
inline constexpr auto inbound_upgrade = 15s;     // security and muxer, as go-libp2p
inline constexpr auto stream_negotiation = 10s;  // as go-libp2p, js-libp2p and rust-libp2p
inline constexpr auto close_time = 5s;           // ours, for what is under way when trimmed
inline constexpr auto given_life = 10min;        // ours, of addresses given with a dial
inline constexpr auto accept_pause = 100ms;      // ours, when the system gives no more sockets

// Identify.
inline constexpr auto identify_timeout = 10s;              // ours; go-libp2p and js-libp2p: 5 s
inline constexpr auto push_debounce = 1s;                  // ours
inline constexpr std::size_t push_parallel = 32;           // as go-libp2p
inline constexpr double push_rate = 0.2, push_burst = 10;  // accepted from one peer

// Name resolution.
inline constexpr std::size_t resolve_depth = 4;      // dnsaddr that leads to dnsaddr, as go-libp2p
inline constexpr std::size_t resolve_results = 100;  // as go-libp2p
inline constexpr std::size_t resolve_queries = 32;   // ours, of one peer
inline constexpr std::size_t resolve_parallel = 8;   // ours
inline constexpr std::size_t resolve_text_records = 100;  // ours, looked at in one answer
inline constexpr auto resolve_timeout = 5s;               // ours, for everything together

// Budget tables.
inline constexpr std::size_t rate_entries = 10'000;  // ours; addresses whose rate is watched
inline constexpr std::size_t work_networks = 1'024;  // ours; whose work is counted together
inline constexpr double growth_share = 0.75;         // ours, of a memory scope; go-libp2p: half

// Who makes room (base/fair_places.h); ours.
inline constexpr auto handshake_grace = 1s;        // an unproven connection counts as busy so long
inline constexpr auto proven_grace = 5s;           // a proven one, until it is used
inline constexpr auto busy_time = 1min;            // after each use
inline constexpr auto use_pace = 1s;               // how often it is looked at which were used
inline constexpr std::size_t displaced_most = 64;  // that made room and have not ended yet

// Connection manager; go-libp2p's values.
inline constexpr auto trim_grace = 1min;       // a young connection is not trimmed
inline constexpr auto trim_interval = 10s;     // how often it looks
inline constexpr auto redundant_idle = 1min;   // a second connection to one peer may go after it
inline constexpr auto interfaces_settle = 1s;  // ours; changes of addresses come in crowds

// Observed addresses.
inline constexpr std::size_t observers_needed = 4;    // as go-libp2p
inline constexpr std::size_t observers_kept = 512;    // ours
inline constexpr std::size_t observed_addresses = 4;  // ours, per family
inline constexpr auto observation_life = 30min;       // ours; identify repeats on every connection

}  // namespace goop::p2p::limits
