// Caps of identify.
#pragma once

#include <cstddef>

namespace goop::p2p::limits {

// --- what we send: one message that rust-libp2p still takes ---
inline constexpr std::size_t identify_sent_bytes = 4096;
// Shares of it. Addresses are there twice, in the clear and in the signed record.
inline constexpr std::size_t identify_sent_address_bytes = 1000;
inline constexpr std::size_t identify_sent_addresses = 32;
inline constexpr std::size_t identify_sent_protocol_bytes = 1400;
// Addresses of low value, ours: a few relays and one home network are plenty.
inline constexpr std::size_t identify_sent_circuits = 4;
inline constexpr std::size_t identify_sent_private = 16;

// --- what we accept: as go-libp2p ---
inline constexpr std::size_t identify_message_bytes = 8192;
inline constexpr std::size_t identify_messages = 10;

// --- what we keep ---
inline constexpr std::size_t identify_protocols = 128;
inline constexpr std::size_t identify_addresses = 500;
inline constexpr std::size_t identify_text_bytes = 128;  // agent and protocol version

// Elements of one message that are looked at, kept or not; more make it invalid. Ours.
inline constexpr std::size_t identify_elements = 1024;

}  // namespace goop::p2p::limits
