// Caps of p2p/secure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goop::p2p::limits {

inline constexpr std::size_t noise_frame_bytes = 65'535;  // Noise specification
inline constexpr std::size_t noise_tag_bytes = 16;
inline constexpr std::size_t noise_plaintext_bytes = noise_frame_bytes - noise_tag_bytes;
// Ours; the specification forbids 2^64 - 1. No test gets there: at a million frames a second it
// takes 292,000 years. It is checked because a nonce that came twice would give the key away.
inline constexpr std::uint64_t noise_last_nonce = 1ull << 63;

inline constexpr std::size_t receive_buffer_least = 4 * 1024;   // of an idle connection
inline constexpr std::size_t receive_buffer_most = 256 * 1024;  // while reads fill it
inline constexpr std::size_t receive_small_reads = 4;           // in a row, then it shrinks again

// A body of this size or more is encrypted from where it is; smaller ones are gathered first.
inline constexpr std::size_t direct_body_bytes = 4 * 1024;

// NoiseHandshakePayload: an RSA-8192 key and its signature need about 2.2 KiB. Ours; frames could
// carry 65535 bytes.
inline constexpr std::size_t noise_payload_bytes = 4096;
// A handshake message: an ephemeral key, a sealed static key, a sealed payload.
inline constexpr std::size_t noise_handshake_bytes =
    32 + (32 + noise_tag_bytes) + noise_payload_bytes + noise_tag_bytes;
inline constexpr std::size_t noise_signature_bytes = 1024;  // RSA-8192
inline constexpr std::size_t noise_muxers = 100;            // go-libp2p ignores longer lists
inline constexpr std::size_t noise_certhashes = 16;         // ours; of WebTransport, unused

}  // namespace goop::p2p::limits
