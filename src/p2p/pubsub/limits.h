// Caps, times and rates of pubsub.
//
// "1.1", "1.2": the gossipsub specifications; "go": go-libp2p-pubsub's value; "ours": chosen here.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::p2p::limits {

// --- RPCs, per piece; what is over is dropped whole and costs its sender a penalty ---
inline constexpr std::size_t gossip_rpc_bytes = 1 << 20;      // go
inline constexpr std::size_t gossip_subscriptions = 256;      // ours
inline constexpr std::size_t gossip_messages = 100;           // ours
inline constexpr std::size_t gossip_control = 1000;           // ours; of each kind of control entry
inline constexpr std::size_t gossip_ids = 5000;               // go; ids of all entries together
inline constexpr std::size_t gossip_id_bytes = 256;           // ours; read, not kept
inline constexpr std::size_t gossip_topic_wire_bytes = 1024;  // ours; read, not kept
inline constexpr std::size_t gossip_exchanged_peers = 64;     // ours; go sends 16, we ignore them
inline constexpr std::size_t gossip_exchanged_bytes = 16 << 10;  // ours; one of them

// --- what is kept ---
inline constexpr std::size_t topic_bytes = 256;               // ours
inline constexpr std::size_t published_bytes = 60 << 10;      // ours; rust takes RPCs of 64 KiB
inline constexpr std::size_t own_topics = 128;                // ours; joined, and as many fanouts
inline constexpr std::size_t peer_topics = 100;               // ours; those that we do not share
inline constexpr std::size_t foreign_subscriptions = 8192;    // ours; of all peers together
inline constexpr std::size_t seen_ids = 50'000;               // ours
inline constexpr auto seen_time = std::chrono::seconds(120);  // go
inline constexpr std::size_t cached_messages = 4096;          // ours
inline constexpr std::size_t cached_bytes = 16 << 20;         // ours
inline constexpr std::size_t backoff_peers = 1024;            // ours; per topic
inline constexpr std::size_t promises_per_peer = 64;          // ours
inline constexpr std::size_t unwanted_ids = 1024;             // ours; IDONTWANT, per peer
inline constexpr std::size_t kept_scores = 1024;              // ours; of peers that have left
inline constexpr auto kept_score_time = std::chrono::minutes(10);  // ours

// --- answers ---
inline constexpr auto backoff_most_told = std::chrono::hours(1);     // ours; CVE-2026-33040
inline constexpr std::size_t ihave_per_heartbeat = 10;               // 1.1; RPCs of one peer
inline constexpr std::size_t asked_per_heartbeat = 5000;             // 1.1; ids of one peer
inline constexpr std::size_t told_per_ihave = 5000;                  // 1.1
inline constexpr std::size_t iwant_answers = 3;                      // 1.1; per id and peer
inline constexpr std::size_t iwant_bytes_per_heartbeat = 512 << 10;  // ours; per peer
inline constexpr std::size_t idontwant_ids = 10;     // go; per RPC, the rest ignored
inline constexpr std::size_t idontwant_rpcs = 1000;  // go; per peer and heartbeat

// --- streams ---
inline constexpr std::size_t queue_entries = 64;                      // ours, per peer
inline constexpr std::size_t queue_bytes = 1 << 20;                   // ours, per peer
inline constexpr auto gossip_write_time = std::chrono::seconds(20);   // ours
inline constexpr auto gossip_open_time = std::chrono::seconds(10);    // ours
inline constexpr auto gossip_frame_time = std::chrono::seconds(60);   // ours; one RPC, once begun
inline constexpr auto reopen_first = std::chrono::milliseconds(500);  // ours; then doubled
inline constexpr int reopen_attempts = 5;                             // ours; in a row
inline constexpr auto reopen_settled = std::chrono::minutes(1);       // ours; then they count anew
inline constexpr std::size_t gossip_streams_per_peer = 4;             // ours; one is read
inline constexpr std::size_t gossip_streams = 512;                    // ours
inline constexpr double gossip_rpc_rate = 500;                        // ours; RPCs per second read
inline constexpr double gossip_rpc_burst = 2000;                      // ours
inline constexpr std::size_t gossip_checks = 512;  // ours; messages whose signatures are checked

}  // namespace goop::p2p::limits
