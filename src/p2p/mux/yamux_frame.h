// The 12-byte yamux header: version, type, flags, stream id, length; big-endian.
//
// Spec: hashicorp/yamux spec.md, libp2p/specs yamux.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace goop::p2p::mux {

inline constexpr std::size_t header_bytes = 12;

enum class FrameType : std::uint8_t { data = 0, window_update = 1, ping = 2, go_away = 3 };

enum Flag : std::uint16_t { flag_syn = 1, flag_ack = 2, flag_fin = 4, flag_rst = 8 };

enum class GoAwayCode : std::uint32_t { normal = 0, protocol_error = 1, internal_error = 2 };

struct FrameHeader {
  FrameType type = FrameType::data;
  std::uint16_t flags = 0;
  std::uint32_t stream = 0;
  std::uint32_t length = 0;

  bool has(Flag flag) const { return (flags & flag) != 0; }
  bool operator==(const FrameHeader&) const = default;
};

using HeaderBytes = std::array<std::uint8_t, header_bytes>;
HeaderBytes encode(const FrameHeader& header);

// violation: a version other than 0, or an unknown type.
Result<FrameHeader> decode_header(std::span<const std::uint8_t, header_bytes> bytes);

}  // namespace goop::p2p::mux
