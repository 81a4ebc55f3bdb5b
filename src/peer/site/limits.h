// Caps of site serving and fetching. Those of the messages are in wire/site_limits.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::peer::site::limits {

// --- serving ---
inline constexpr std::size_t chunk_bytes = 256 * 1024;   // read from disk at once
inline constexpr std::size_t write_bytes = 64 * 1024;    // given to a stream at once; see progress
inline constexpr std::chrono::seconds progress{30};      // one write_bytes, or one read, may take
inline constexpr std::chrono::seconds serve_idle{60};    // for the next request to arrive whole
inline constexpr std::chrono::seconds request_wait{10};  // for the only request of 1.0.0
inline constexpr std::size_t streams_per_peer = 64;      // inbound, of each version
inline constexpr std::size_t streams_total = 1024;
inline constexpr std::size_t answers_per_peer = 16;    // under way at once
inline constexpr std::size_t answers_total = 256;      // × chunk_bytes: 64 MiB
inline constexpr std::chrono::seconds turn_wait{10};   // for an answer of others to end
inline constexpr std::size_t rated_peers = 4096;       // peers whose rate is remembered
inline constexpr double requests_per_second = 50'000;  // of one peer; ten times a busy viewer
inline constexpr double requests_burst = 50'000;
inline constexpr double refused_cost = 100;  // a refused request counts as so many

// --- the own folder ---
inline constexpr std::size_t cache_bytes = 8 * 1024 * 1024;  // small files and encoded forms
inline constexpr std::size_t cache_entries = 1024;
inline constexpr std::size_t cached_file_bytes = 64 * 1024;   // larger files are streamed
inline constexpr std::size_t encode_min_bytes = 1024;         // smaller text is not worth it
inline constexpr std::size_t encode_max_bytes = 1024 * 1024;  // larger text goes out as it is
inline constexpr std::size_t sniffed_bytes = 512;             // as the MIME sniffing standard
inline constexpr std::chrono::seconds settled{2};  // ctime older: no write is lost in its grain
inline constexpr int changing_folder_tries = 3;
inline constexpr int changing_file_tries = 3;
inline constexpr std::size_t looked_at = 2000;  // files and folders, for what its owner is told
inline constexpr std::size_t notices = 20;      // of these

// --- fetching ---
inline constexpr std::uint64_t fetched_bytes = 4ull << 30;  // default cap of one answer
inline constexpr std::size_t gathered_bytes = 64 * 1024;    // smaller bodies arrive in one piece
inline constexpr std::size_t fetches_per_peer = 32;         // streams to one peer at once
inline constexpr std::size_t idle_streams_per_peer = 8;     // kept for the next request
inline constexpr std::size_t idle_streams_total = 64;
inline constexpr std::chrono::seconds fetch_idle{30};  // and so long; below serve_idle

}  // namespace goop::peer::site::limits
