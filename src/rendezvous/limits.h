// Caps, times and rates of the rendezvous server. Where no origin is given they are ours.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::rendezvous::limits {

using namespace std::chrono_literals;

// --- the board ---
inline constexpr std::size_t peers = 20'000;      // rows, unless the options say another number
inline constexpr std::size_t held_share = 2;      // rows with a proven socket: 1/2 is theirs alone
inline constexpr std::size_t unsigned_share = 2;  // at most 1/2 of the rows are unsigned
inline constexpr std::size_t peers_per_address = 2'000;   // or IPv6 /64; a large school
inline constexpr std::size_t unsigned_per_address = 200;  // as the reference's notes propose
inline constexpr std::size_t network_share = 5;           // 1/5 of the rows for a /24 or IPv6 /48,
inline constexpr std::size_t provider_share = 2;          // 1/2 for a /16 or IPv6 /32; both at
                                                          // least as an address
inline constexpr auto held_busy = 1h;  // so long a silent row with a proven socket is not idle
inline constexpr std::size_t ended = 40'000;  // last `ts` of entries that ended
inline constexpr auto ttl = 30s;              // reference; without presence.ttl_seconds in the file
inline constexpr auto announced_ttl = 60s;  // of a peer that is not connected; more does not count
inline constexpr auto prune = 5s;           // between two looks; reference
inline constexpr auto grace = 5s;           // for a peer whose proven socket broke
inline constexpr auto reunion =
    2s;  // after an outage of the backplane: to hear where a peer is now
inline constexpr auto clock_window = 5min;  // how far a signed `ts` may be off; as Kerberos
inline constexpr auto elsewhere = 5min;     // no server keeps a row on another's word for longer
inline constexpr auto refresh = 10s;        // unchanged and silent: repeated for readers with a TTL

// --- what comes in ---
inline constexpr std::size_t message_bytes = 16 * 1024;
inline constexpr auto body_time = 10s;
inline constexpr double address_rate = 300,
                        address_burst = 3'000;  // messages; of an address or /64,
inline constexpr double network_rate = 600,
                        network_burst = 6'000;  // of a /24 or /48,
inline constexpr double provider_rate = 2'000,
                        provider_burst = 20'000;                 // of a /16 or /32
inline constexpr double seldom_rate = 20, seldom_burst = 200;    // of a /24 or /48: whatever others
                                                                 // of its provider send
inline constexpr double identity_rate = 1, identity_burst = 30;  // 60 a minute, as reference
inline constexpr double bad_cost = 10;  // what a forged or malformed message takes of its address
inline constexpr std::size_t limited_keys = 50'000;  // addresses or identities watched at a time
inline constexpr std::size_t verify_lanes = 2;       // pool jobs at a time
inline constexpr std::size_t verify_batch = 64;      // signatures per job
inline constexpr std::size_t verify_queue = 4'096;   // waiting for one; beyond: busy
inline constexpr std::size_t forwarded_hops = 32;    // of X-Forwarded-For that are looked at

// --- streams ---
inline constexpr auto flush_pace = 25ms;           // news of this time go out in one write
inline constexpr auto sse_ping = 25s;              // reference
inline constexpr std::size_t log_bytes = 4 << 20;  // news kept for slow readers, per kind of stream
inline constexpr std::size_t chunk_bytes = 64 * 1024;   // pieces of a snapshot
inline constexpr std::size_t own_bytes = 64 * 1024;     // punches and answers to one reader
inline constexpr std::size_t gather = 16;               // parts per write
inline constexpr std::size_t write_bytes = 256 * 1024;  // and about so many bytes
inline constexpr std::size_t turn = 256;                // readers served between two yields
inline constexpr auto snapshot_age = 2s;                // shared by who comes meanwhile
inline constexpr auto write_time = 30s;                 // without a byte taken: dropped
inline constexpr std::size_t resume_events = 4'096;     // kept for Last-Event-ID
inline constexpr std::size_t resume_bytes = 4 << 20;
inline constexpr std::size_t event_id_bytes = 64;          // of a Last-Event-ID
inline constexpr std::size_t streams_per_address = 1'000;  // loopback is exempt

// --- WebSocket ---
inline constexpr auto ws_ping = 5s;                        // reference
inline constexpr auto ws_dead = 15s;                       // reference; without any frame
inline constexpr std::size_t sockets_per_address = 2'000;  // loopback is exempt
inline constexpr auto ws_linger = 1s;  // for the other side to answer our goodbye
inline constexpr double frame_rate = 2, frame_burst = 30;  // per socket
inline constexpr std::size_t read_bytes = 1024;            // held by an idle socket
inline constexpr auto look_after = 1s;                     // between two looks at all sockets
inline constexpr auto proof_time = 1s;    // a delta socket waits so long for its peer's signature
inline constexpr auto punch_pause = 60s;  // per pair; reference
inline constexpr std::size_t punches_per_arrival = 50;
inline constexpr std::size_t punch_looks = 200;     // sockets looked at for them
inline constexpr std::size_t punch_pairs = 50'000;  // remembered

// --- pages ---
inline constexpr auto front_age = 2s;             // what the front page shows is shared so long
inline constexpr std::size_t front_listed = 200;  // peers on it

// --- the process ---
inline constexpr std::size_t files_reserved = 64;      // database, logs, the peer beside
inline constexpr std::size_t files_for_requests = 25;  // 1/25 of the file limit, at least 64
inline constexpr std::size_t least_requests = 64;
inline constexpr auto stop_flush = 200ms;      // for farewells to go out
inline constexpr std::size_t log_lines = 500;  // reference; of /logs.json

}  // namespace goop::rendezvous::limits
