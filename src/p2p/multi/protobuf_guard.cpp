#include "p2p/multi/protobuf_guard.h"

#include <array>

namespace goop::p2p {
namespace {

// Tables are small constants; the walk counts in a fixed array.
constexpr std::size_t max_table_fields = 32;

// Protobuf's own varint: up to ten bytes, any form.
Result<std::uint64_t> take_varint(BytesView& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 10); ++i) {
    value |= std::uint64_t{bytes[i] & 0x7fu} << (7 * i);
    if (bytes[i] < 0x80) {
      if (i == 9 && bytes[i] > 1) break;
      bytes = bytes.subspan(i + 1);
      return value;
    }
  }
  return fail(Errc::invalid, "protobuf varint is cut off or too long");
}

Result<BytesView> take(BytesView& bytes, std::uint64_t count) {
  if (count > bytes.size()) return fail(Errc::invalid, "protobuf field is cut off");
  const BytesView front = bytes.first(static_cast<std::size_t>(count));
  bytes = bytes.subspan(front.size());
  return front;
}

std::uint64_t little_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

Result<void> check(BytesView message, const MessageLimits& table, std::size_t depth) {
  if (depth > limits::protobuf_depth) {
    return fail(Errc::too_large, "protobuf message nested over {} deep", limits::protobuf_depth);
  }
  GOOP_ASSERT(table.fields.size() <= max_table_fields);
  std::array<std::size_t, max_table_fields> counts{};
  std::size_t unknown = 0;

  ProtobufReader reader(message);
  for (;;) {
    GOOP_TRY(const auto field, reader.next());
    if (!field) return {};
    const auto limit = std::ranges::find(table.fields, field->number, &FieldLimit::number);
    if (limit == table.fields.end()) {
      if (++unknown > table.max_unknown) {
        return fail(Errc::too_large, "over {} unknown protobuf fields", table.max_unknown);
      }
      continue;
    }
    auto& count = counts[static_cast<std::size_t>(limit - table.fields.begin())];
    if (++count > limit->max_count) {
      return fail(Errc::too_large, "over {} of protobuf field {}", limit->max_count, limit->number);
    }
    if (field->kind != ProtobufField::Kind::bytes) continue;
    if (field->bytes.size() > limit->max_bytes) {
      return fail(Errc::too_large, "protobuf field {} of {} bytes, at most {} are allowed",
                  limit->number, field->bytes.size(), limit->max_bytes);
    }
    if (limit->nested) GOOP_CHECK(check(field->bytes, *limit->nested, depth + 1));
  }
}

}  // namespace

Result<std::optional<ProtobufField>> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  GOOP_TRY(const std::uint64_t tag, take_varint(rest_));
  const std::uint64_t number = tag >> 3;
  if (number == 0 || number >= 1u << 29) return fail(Errc::invalid, "protobuf field number");
  ProtobufField field{static_cast<std::uint32_t>(number), ProtobufField::Kind::varint, 0, {}};
  switch (tag & 7) {
    case 0: {
      GOOP_TRY(field.value, take_varint(rest_));
      return field;
    }
    case 1: {
      field.kind = ProtobufField::Kind::fixed64;
      GOOP_TRY(const BytesView bytes, take(rest_, 8));
      field.value = little_endian(bytes);
      return field;
    }
    case 2: {
      field.kind = ProtobufField::Kind::bytes;
      GOOP_TRY(const std::uint64_t size, take_varint(rest_));
      GOOP_TRY(field.bytes, take(rest_, size));
      return field;
    }
    case 5: {
      field.kind = ProtobufField::Kind::fixed32;
      GOOP_TRY(const BytesView bytes, take(rest_, 4));
      field.value = little_endian(bytes);
      return field;
    }
    default:
      return fail(Errc::invalid, "protobuf wire type {}", tag & 7);
  }
}

Result<void> check_protobuf(BytesView message, const MessageLimits& table, std::size_t max_bytes) {
  if (message.size() > max_bytes) {
    return fail(Errc::too_large, "protobuf message of {} bytes, at most {} are allowed",
                message.size(), max_bytes);
  }
  return check(message, table, 1);
}

}  // namespace goop::p2p
