// Caps of net/tls/.
#pragma once

#include <cstddef>

namespace goop::net::tls::limits {

inline constexpr std::size_t read_bytes = 16 * 1024;        // of ciphertext at once; one record
inline constexpr std::size_t plain_bytes = 64 * 1024;       // of a write, encrypted at once
inline constexpr std::size_t handshake_bytes = 256 * 1024;  // of a server, until it is proven; ours
inline constexpr int chain_depth = 8;                       // certificates above the server's own
inline constexpr std::size_t named_hosts = 4;  // shown of a certificate for other hosts

}  // namespace goop::net::tls::limits
