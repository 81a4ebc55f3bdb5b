// Caps of a presence message. Those marked "server" are what every rendezvous server enforces.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace goop::wire::limits {

inline constexpr std::size_t presence_bytes = 32 << 10;  // ours; a reference reader takes 64
inline constexpr std::size_t presence_payload_bytes = 12 << 10;  // ours; fits thrice in the above
inline constexpr std::size_t presence_usual_bytes = 512;         // of the fields outside
inline constexpr std::size_t presence_depth = 8;                 // ours; an object with one list
inline constexpr std::size_t presence_label_bytes = 4096;        // server
inline constexpr std::size_t presence_email_bytes = 320;         // server
inline constexpr std::size_t presence_addresses = 20;            // server
inline constexpr std::size_t presence_address_bytes = 256;       // server; of the text
inline constexpr std::size_t presence_text_bytes = 256;          // ours; every other text
inline constexpr std::size_t presence_token_bytes = 1024;        // ours; verificationToken
inline constexpr std::size_t presence_key_bytes = 32;            // X25519
inline constexpr std::int64_t presence_ts_most = 253'402'300'799'999;             // the year 9999
inline constexpr std::chrono::seconds presence_ttl_most = std::chrono::hours(1);  // ours

// How far `ts` of a signed message may be from the reader's clock. What is older is a replay, or
// its sender's clock is wrong.
inline constexpr std::chrono::minutes presence_skew{5};  // ours

}  // namespace goop::wire::limits
