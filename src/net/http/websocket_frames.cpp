#include "net/http/websocket_frames.h"

#include <algorithm>
#include <cstring>

#include "net/http/limits.h"

namespace goop::net::http::ws {
namespace {

constexpr std::uint8_t final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80, length_bits = 0x7f;
constexpr std::uint8_t length16 = 126, length64 = 127;
constexpr std::uint8_t continuation = 0;

std::uint64_t big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

// RFC 6455 section 7.4: what may stand in a frame.
bool is_sendable(std::uint64_t code) {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

Result<Close> parse_close(BytesView payload) {
  if (payload.empty()) return Close{close_code::none_given, {}};
  if (payload.size() == 1) return fail(Errc::violation, "close frame with half a code");
  const auto code = big_endian(payload.first(2));
  if (!is_sendable(code)) return fail(Errc::violation, "close code {}", code);
  const auto reason = as_text(payload.subspan(2));
  if (!is_utf8(reason)) return fail(Errc::invalid, "close reason is not UTF-8");
  return Close{static_cast<std::uint16_t>(code), std::string(reason)};
}

Bytes close_payload(const Close& close) {
  if (close.code == close_code::none_given) return {};
  std::string_view reason = close.reason;
  reason = reason.substr(0, limits::ws_control_bytes - 2);
  while (!is_utf8(reason)) reason.remove_suffix(1);  // cut within a character
  Bytes payload{static_cast<std::uint8_t>(close.code >> 8), static_cast<std::uint8_t>(close.code)};
  append(payload, reason);
  return payload;
}

std::uint16_t close_code_of(Errc error) {
  switch (error) {
    case Errc::violation:
      return close_code::protocol_error;
    case Errc::invalid:
      return close_code::bad_text;
    case Errc::too_large:
      return close_code::too_large;
    case Errc::unsupported:
      return close_code::not_acceptable;
    case Errc::busy:
      return close_code::try_later;
    case Errc::forbidden:
    case Errc::not_found:
    case Errc::conflict:
    case Errc::unverified:
      return close_code::policy;
    case Errc::cancelled:
    case Errc::closed:
    case Errc::timeout:
    case Errc::unreachable:
      return close_code::going_away;
    case Errc::storage:
    case Errc::internal:
      return close_code::internal;
  }
  return close_code::internal;
}

void append_head(Bytes& to, Kind kind, std::size_t payload_bytes, const std::optional<Mask>& mask) {
  const auto put = [&to](std::uint64_t value, int bytes) {
    while (bytes-- > 0) to.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
  };
  const std::uint8_t masked = mask ? mask_bit : 0;
  put(final_bit | static_cast<std::uint8_t>(kind), 1);
  if (payload_bytes < length16) {
    put(masked | payload_bytes, 1);
  } else if (payload_bytes <= 0xffff) {
    put(masked | length16, 1);
    put(payload_bytes, 2);
  } else {
    put(masked | length64, 1);
    put(payload_bytes, 8);
  }
  if (mask) append(to, BytesView(*mask));
}

void apply_mask(MutBytes bytes, const Mask& mask, std::size_t offset) {
  // Eight bytes at a time; the mask is turned so that it starts at `offset`.
  std::array<std::uint8_t, 8> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % mask.size()];
  std::uint64_t wide;
  std::memcpy(&wide, turned.data(), sizeof wide);
  std::size_t i = 0;
  for (; i + sizeof wide <= bytes.size(); i += sizeof wide) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= wide;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (; i < bytes.size(); ++i) bytes[i] ^= turned[i % turned.size()];
}

Bytes encode(Kind kind, BytesView payload) {
  Bytes frame;
  frame.reserve(payload.size() + limits::ws_head_bytes);
  append_head(frame, kind, payload.size(), std::nullopt);
  append(frame, payload);
  return frame;
}

Bytes encode_masked(Kind kind, BytesView payload, const Mask& mask) {
  Bytes frame;
  frame.reserve(payload.size() + limits::ws_head_bytes);
  append_head(frame, kind, payload.size(), mask);
  const auto at = frame.size();
  append(frame, payload);
  apply_mask(MutBytes(frame).subspan(at), mask, 0);
  return frame;
}

std::size_t Decoder::head_needs() const {
  if (head_size_ < 2) return 2;
  const auto length = head_[1] & length_bits;
  const std::size_t extended = length == length16 ? 2 : length == length64 ? 8 : 0;
  return 2 + extended + ((head_[1] & mask_bit) != 0 ? sizeof(Mask) : 0);
}

Result<Decoder::Fed> Decoder::feed(BytesView bytes) {
  Fed fed;
  while (!fed.message) {
    if (!in_payload_) {
      while (head_size_ < head_needs() && fed.taken < bytes.size()) {
        head_[head_size_++] = bytes[fed.taken++];
      }
      if (head_size_ < head_needs()) return fed;
      GOOP_CHECK(take_head());
    }
    const auto rest = bytes.subspan(fed.taken);
    const auto part = rest.first(std::min<std::uint64_t>(left_, rest.size()));
    auto& into = is_control(frame_) ? control_ : data_;
    append(into, part);
    if (from_client_) apply_mask(MutBytes(into).last(part.size()), mask_, offset_);
    fed.taken += part.size();
    offset_ += part.size();
    left_ -= part.size();
    if (left_ > 0) return fed;
    fed.message = finish_frame();
    if (fed.message && fed.message->kind == Kind::text && !is_utf8(fed.message->text())) {
      return fail(Errc::invalid, "text that is not UTF-8");
    }
    if (fed.taken == bytes.size()) break;
  }
  return fed;
}

// Section 5.2: what a frame may look like, and which may follow which.
Result<void> Decoder::take_head() {
  const std::uint8_t opcode = head_[0] & opcode_bits;
  const bool masked = (head_[1] & mask_bit) != 0;
  const BytesView extended = BytesView(head_).subspan(2, head_size_ - 2u - (masked ? 4u : 0u));
  std::uint64_t length = head_[1] & length_bits;
  final_ = (head_[0] & final_bit) != 0;

  if ((head_[0] & reserved_bits) != 0) return fail(Errc::violation, "reserved bit");
  if (masked != from_client_) return fail(Errc::violation, "masked by the wrong side");
  if (!extended.empty()) {
    length = big_endian(extended);
    const std::uint64_t least = extended.size() == 2 ? length16 : 0x10000;
    if (length < least || length >> 63 != 0)
      return fail(Errc::violation, "length not as it must be");
  }
  const auto kind = static_cast<Kind>(opcode);
  if (opcode == continuation) {
    if (!partial_) return fail(Errc::violation, "continuation of nothing");
    frame_ = *partial_;
  } else if (kind == Kind::text || kind == Kind::binary) {
    if (partial_) return fail(Errc::violation, "a message within a message");
    partial_ = frame_ = kind;
  } else if (is_control(kind) && kind <= Kind::pong) {
    if (!final_) return fail(Errc::violation, "control frame in fragments");
    if (length > limits::ws_control_bytes) return fail(Errc::violation, "control frame too long");
    frame_ = kind;
  } else {
    return fail(Errc::violation, "opcode {}", opcode);
  }
  if (!is_control(frame_)) {
    if (length > max_message_ - data_.size()) {
      return fail(Errc::too_large, "message over {} bytes", max_message_);
    }
    if (++fragments_ > limits::ws_fragments) return fail(Errc::violation, "too many fragments");
  }
  if (masked) std::copy_n(head_.begin() + head_size_ - sizeof(Mask), sizeof(Mask), mask_.begin());
  head_size_ = 0;
  left_ = length;
  offset_ = 0;
  in_payload_ = true;
  return {};
}

std::optional<Message> Decoder::finish_frame() {
  in_payload_ = false;
  if (is_control(frame_)) return Message{frame_, std::exchange(control_, {})};
  if (!final_) return std::nullopt;
  partial_.reset();
  fragments_ = 0;
  return Message{frame_, std::exchange(data_, {})};
}

}  // namespace goop::net::http::ws
