// WebSocket frames: bytes to messages and back.
//
// Pure: no socket, no clock. A Decoder at rest holds no buffer, and a message in pieces holds what
// has arrived of it, not what its head announces, so ten thousand silent clients cost little.
//
// RFC 6455 section 5. No extensions: reserved bits are refused. UTF-8 is checked when a text is
// whole. Limits: the message size given, limits::ws_fragments, control frames of 125 bytes (RFC).
// Errors: violation (close code 1002), invalid (1007: no UTF-8), too_large (1009).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace goop::net::http::ws {

enum class Role { server, client };  // of ourselves; frames of a client are masked

enum class Kind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
constexpr bool is_control(Kind kind) { return kind >= Kind::close; }

struct Message {
  Kind kind;
  Bytes payload;

  std::string_view text() const { return as_text(payload); }
};

// RFC 6455 section 7.4.1.
namespace close_code {
inline constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002,
                               not_acceptable = 1003, none_given = 1005, bad_text = 1007,
                               policy = 1008, too_large = 1009, internal = 1011, try_later = 1013;
}  // namespace close_code

struct Close {
  std::uint16_t code = close_code::normal;
  std::string reason;

  bool operator==(const Close&) const = default;
};
// The payload of a close frame. Errors: violation, invalid.
Result<Close> parse_close(BytesView payload);
Bytes close_payload(const Close& close);  // a reason that is too long is cut

// The close code that tells the other side about `error`.
std::uint16_t close_code_of(Errc error);

using Mask = std::array<std::uint8_t, 4>;

// Head of a frame that is a whole message; at most 14 bytes.
void append_head(Bytes& to, Kind kind, std::size_t payload_bytes, const std::optional<Mask>& mask);

// XORs `bytes` with the mask, the first of them being byte number `offset` of the payload.
void apply_mask(MutBytes bytes, const Mask& mask, std::size_t offset);

// A whole frame as a server sends it: the same bytes for every client, so it is made once.
Bytes encode(Kind kind, BytesView payload);
Bytes encode_masked(Kind kind, BytesView payload, const Mask& mask);  // as a client sends it

class Decoder {
 public:
  Decoder(Role own_role, std::size_t max_message)
      : max_message_(max_message), from_client_(own_role == Role::server) {}

  struct Fed {
    std::size_t taken = 0;
    std::optional<Message> message;  // a whole message, or a control frame, which may come between
  };
  // Takes from the front; all of it unless a message is given. After an error it is unusable.
  Result<Fed> feed(BytesView bytes);

  // How many bytes the frame under way still lacks, as far as is known.
  std::size_t lacking() const { return in_payload_ ? static_cast<std::size_t>(left_) : 0; }
  bool at_rest() const { return !in_payload_ && head_size_ == 0 && !partial_; }

 private:
  std::size_t head_needs() const;
  Result<void> take_head();
  std::optional<Message> finish_frame();

  std::size_t max_message_;
  std::uint64_t left_ = 0;       // of the payload of the frame under way
  std::size_t offset_ = 0;       // within that payload
  Bytes data_;                   // of the message under way
  Bytes control_;                // of the control frame under way
  std::size_t fragments_ = 0;    // of the message under way
  std::optional<Kind> partial_;  // the message under way
  Kind frame_ = Kind::text;      // what the frame under way belongs to
  std::array<std::uint8_t, 14> head_{};
  std::uint8_t head_size_ = 0;
  Mask mask_{};
  bool from_client_;
  bool in_payload_ = false;
  bool final_ = false;
};

}  // namespace goop::net::http::ws
