// The name of a protocol as multistream-select and identify carry it: "/ipfs/ping/1.0.0".
//
// Starts with '/', has no control characters, no spaces and nothing outside ASCII.
//
// Limits: limits::protocol_id_bytes.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "p2p/multi/limits.h"

namespace goop::p2p {

class ProtocolId {
 public:
  // A name in the source, checked by the compiler: ProtocolId("/ipfs/ping/1.0.0").
  class Literal {
   public:
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT: implicit
      if (!valid(text_)) throw "not a protocol id";
    }
    constexpr std::string_view text() const { return text_; }

   private:
    std::string_view text_;
  };
  explicit ProtocolId(Literal literal) : text_(literal.text()) {}

  static Result<ProtocolId> parse(std::string_view text);  // invalid, too_large

  const std::string& text() const { return text_; }

  auto operator<=>(const ProtocolId&) const = default;

 private:
  struct Checked {};
  ProtocolId(Checked, std::string_view text) : text_(text) {}

  static constexpr bool valid(std::string_view text) {
    if (text.empty() || text.front() != '/' || text.size() > limits::protocol_id_bytes) {
      return false;
    }
    for (const char c : text) {
      if (c <= 0x20 || c >= 0x7f) return false;
    }
    return true;
  }

  std::string text_;
};

// The ids of libp2p's own protocols.
namespace protocol {
inline const ProtocolId multistream("/multistream/1.0.0");
inline const ProtocolId noise("/noise");
inline const ProtocolId yamux("/yamux/1.0.0");
inline const ProtocolId identify("/ipfs/id/1.0.0");
inline const ProtocolId identify_push("/ipfs/id/push/1.0.0");
inline const ProtocolId ping("/ipfs/ping/1.0.0");
inline const ProtocolId perf("/perf/1.0.0");
}  // namespace protocol

}  // namespace goop::p2p

template <>
struct std::hash<goop::p2p::ProtocolId> {
  std::size_t operator()(const goop::p2p::ProtocolId& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};

template <>
struct fmt::formatter<goop::p2p::ProtocolId> : fmt::formatter<std::string> {
  auto format(const goop::p2p::ProtocolId& id, format_context& context) const {
    return formatter<std::string>::format(id.text(), context);
  }
};
