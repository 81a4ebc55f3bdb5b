// Caps of net/.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::net::limits {

inline constexpr std::chrono::seconds keep_alive{30};      // TCP keep-alive; as go-libp2p
inline constexpr std::chrono::seconds interface_look{30};  // ours; without word of the kernel
inline constexpr std::size_t gather_parts = 64;            // buffers per sendmsg; ours
inline constexpr std::size_t accepted_at_once = 64;        // connections; ours
inline constexpr std::size_t resolved_addresses = 100;     // addresses taken from one name
inline constexpr std::size_t dns_answer_bytes = 8192;      // ours; EDNS answers are smaller
inline constexpr std::size_t txt_records = 100;            // as dnsaddr allows results
inline constexpr int datagram_hops = 255;  // RFC 6762 11: who sends less may be far away

}  // namespace goop::net::limits
