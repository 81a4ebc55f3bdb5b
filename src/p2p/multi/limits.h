// Caps of p2p/multi.
#pragma once

#include <cstddef>

namespace goop::p2p::limits {

inline constexpr std::size_t uvarint_bytes = 9;  // multiformats unsigned-varint: 63 bits

// base58 and base36 cost the square of their length, so the text is capped before it is decoded.
inline constexpr std::size_t base_text_chars = 128;

inline constexpr std::size_t key_bytes = 2048;          // ours; RSA-8192 needs about 1.1 KiB
inline constexpr std::size_t private_key_bytes = 8192;  // ours; room for an RSA key, to name it
inline constexpr std::size_t inlined_key_bytes = 42;    // peer-ids specification
inline constexpr std::size_t peer_id_bytes = inlined_key_bytes + 2;

// Multiaddr, ours. Room for a trailing /p2p is kept free, so that with_peer always fits.
inline constexpr std::size_t multiaddr_bytes = 1024;
inline constexpr std::size_t multiaddr_text_chars = 4096;  // percent-encoded text is longer
inline constexpr std::size_t multiaddr_components = 16;
inline constexpr std::size_t multiaddr_circuits = 1;
inline constexpr std::size_t dns_name_bytes = 253;  // RFC 1035

inline constexpr std::size_t protocol_id_bytes = 256;  // ours

inline constexpr std::size_t envelope_bytes = 8 << 10;      // identify's own cap
inline constexpr std::size_t signature_bytes = 1024;        // that of RSA-8192
inline constexpr std::size_t payload_type_bytes = 64;       // ours; the known ones have 2
inline constexpr std::size_t record_addresses = 500;        // as go-libp2p's address book
inline constexpr std::size_t protobuf_depth = 8;            // ours; libp2p's schemas need 4
inline constexpr std::size_t protobuf_repeats = 4;          // ours; of a field that holds one value
inline constexpr std::size_t protobuf_unknown_fields = 64;  // ours, per message

}  // namespace goop::p2p::limits
