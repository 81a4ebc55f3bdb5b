// What a protobuf message may cost, decided before it is parsed.
//
// One walk over the bytes, without recursion into what the schema does not name, checks the total
// size, the depth and how often each field occurs and how long it is. The generated parser then
// only sees messages that fit. Tables of limits are constants beside the schema they belong to.
//
// A singular sub-message may come in pieces that the parser merges: give it a max_count of 1 or 2,
// the elements inside are counted per piece.
//
// Spec:   protobuf wire format. Groups (wire types 3 and 4) are refused, libp2p has none.
// Limits: limits::protobuf_depth, limits::protobuf_unknown_fields, and the table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "p2p/multi/limits.h"

namespace goop::p2p {

struct MessageLimits;

struct FieldLimit {
  std::uint32_t number;
  std::size_t max_count = 1;
  std::size_t max_bytes = 0;              // of one length-delimited value; 0: the field is a number
  const MessageLimits* nested = nullptr;  // the value is a message with limits of its own
};

struct MessageLimits {
  std::span<const FieldLimit> fields;
  std::size_t max_unknown = limits::protobuf_unknown_fields;  // fields that the table lacks
};

// too_large: over a limit; invalid: not a protobuf message.
Result<void> check_protobuf(BytesView message, const MessageLimits& table, std::size_t max_bytes);

// The walk itself: fields in the order of the bytes, values as views into them.
struct ProtobufField {
  std::uint32_t number;
  enum class Kind { varint, fixed64, bytes, fixed32 } kind;
  std::uint64_t value = 0;  // of numbers
  BytesView bytes;          // of length-delimited fields
};
class ProtobufReader {
 public:
  explicit ProtobufReader(BytesView message) : rest_(message) {}
  Result<std::optional<ProtobufField>> next();  // nullopt at the end
  BytesView rest() const { return rest_; }      // what next() has not looked at

 private:
  BytesView rest_;
};

}  // namespace goop::p2p
