#include "p2p/mux/yamux_frame.h"

namespace goop::p2p::mux {
namespace {

constexpr std::uint8_t version = 0;

void put32(std::uint8_t* to, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t get32(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) << 24 | static_cast<std::uint32_t>(from[1]) << 16 |
         static_cast<std::uint32_t>(from[2]) << 8 | from[3];
}

}  // namespace

HeaderBytes encode(const FrameHeader& header) {
  HeaderBytes bytes;
  bytes[0] = version;
  bytes[1] = static_cast<std::uint8_t>(header.type);
  bytes[2] = static_cast<std::uint8_t>(header.flags >> 8);
  bytes[3] = static_cast<std::uint8_t>(header.flags);
  put32(&bytes[4], header.stream);
  put32(&bytes[8], header.length);
  return bytes;
}

Result<FrameHeader> decode_header(std::span<const std::uint8_t, header_bytes> bytes) {
  if (bytes[0] != version) return fail(Errc::violation, "yamux version {}", bytes[0]);
  if (bytes[1] > static_cast<std::uint8_t>(FrameType::go_away)) {
    return fail(Errc::violation, "yamux frame type {}", bytes[1]);
  }
  return FrameHeader{static_cast<FrameType>(bytes[1]),
                     static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]), get32(&bytes[4]),
                     get32(&bytes[8])};
}

}  // namespace goop::p2p::mux
