// Unsigned varints of multiformats (LEB128, minimal, at most 63 bits) and messages that carry
// their length in one.
//
// Spec:   multiformats/unsigned-varint; libp2p "length-prefixed message"
// Limits: limits::uvarint_bytes, and the maximum given to LengthPrefixed.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "p2p/multi/limits.h"

namespace goop::p2p {

struct Uvarint {
  std::uint64_t value;
  std::size_t size;  // bytes it took

  bool operator==(const Uvarint&) const = default;
};

std::size_t uvarint_size(std::uint64_t value);
void append_uvarint(Bytes& to, std::uint64_t value);  // value < 2^63

// At the front of `bytes`, which are all there is; invalid when they end too early.
Result<Uvarint> read_uvarint(BytesView bytes);

// At the front of what has arrived so far; nullopt: more bytes are needed. invalid: not minimal
// or longer than 9 bytes.
Result<std::optional<Uvarint>> peek_uvarint(BytesView bytes);

void append_prefixed(Bytes& to, BytesView message);  // uvarint(size), then the bytes

// Takes one length-prefixed message out of a stream that arrives in pieces. The buffer grows with
// the bytes that are there, never by what was announced.
class LengthPrefixed {
 public:
  explicit LengthPrefixed(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Consumes what belongs to the current message and says how much; the rest is the next one's.
  // invalid: a malformed length; too_large: more than the maximum was announced.
  Result<std::size_t> on_bytes(BytesView bytes);

  bool started() const { return header_size_ > 0; }  // a first byte has been consumed
  bool complete() const { return size_ && body_.size() == *size_; }
  Bytes take();  // the complete message; then starts anew

 private:
  std::size_t max_bytes_;
  std::uint8_t header_[limits::uvarint_bytes];
  std::size_t header_size_ = 0;
  std::optional<std::size_t> size_;
  Bytes body_;
};

}  // namespace goop::p2p
