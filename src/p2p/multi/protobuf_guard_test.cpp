#include "p2p/multi/protobuf_guard.h"

#include <gtest/gtest.h>

#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

constexpr FieldLimit inner_fields[] = {{.number = 1, .max_count = 2, .max_bytes = 4}};
constexpr MessageLimits inner{inner_fields};
constexpr FieldLimit outer_fields[] = {{.number = 1},
                                       {.number = 2, .max_count = 3, .max_bytes = 5},
                                       {.number = 3, .max_bytes = 100, .nested = &inner}};
constexpr MessageLimits outer{outer_fields, 2};

// A table that names itself, as no schema of ours does.
extern const MessageLimits endless;
const FieldLimit endless_fields[] = {
    {.number = 1, .max_count = 1, .max_bytes = 1000, .nested = &endless}};
const MessageLimits endless{endless_fields};

Bytes field(std::uint32_t number, BytesView value) {
  Bytes bytes;
  append_uvarint(bytes, number << 3 | 2);
  append_prefixed(bytes, value);
  return bytes;
}

Bytes times(std::size_t count, const Bytes& piece) {
  Bytes bytes;
  while (count-- > 0) append(bytes, piece);
  return bytes;
}

std::optional<Errc> verdict(BytesView message, const MessageLimits& table = outer) {
  const auto result = check_protobuf(message, table, 200);
  return result ? std::nullopt : std::optional(result.error().code);
}

TEST(ProtobufGuard, passes_messages_within_every_limit) {
  Bytes message{0x08, 0x96, 0x01};
  append(message, times(3, field(2, Bytes(5))));
  append(message, field(3, times(2, field(1, Bytes(4)))));
  append(message, Bytes{0x4d, 1, 2, 3, 4});  // unknown, 4 bytes
  append(message, field(20, Bytes(50)));     // unknown
  EXPECT_EQ(verdict(message), std::nullopt);
  EXPECT_EQ(verdict({}), std::nullopt);
}

TEST(ProtobufGuard, stops_at_the_size_of_the_message) {
  EXPECT_EQ(verdict(field(20, Bytes(200 - 4))), std::nullopt);
  EXPECT_EQ(verdict(field(20, Bytes(201 - 4))), Errc::too_large);
}

TEST(ProtobufGuard, stops_at_the_count_of_a_field) {
  EXPECT_EQ(verdict(times(3, field(2, {}))), std::nullopt);
  EXPECT_EQ(verdict(times(4, field(2, {}))), Errc::too_large);
  EXPECT_EQ(verdict(times(2, Bytes{0x08, 0})), Errc::too_large);
}

TEST(ProtobufGuard, stops_at_the_size_of_a_field) {
  EXPECT_EQ(verdict(field(2, Bytes(6))), Errc::too_large);
}

TEST(ProtobufGuard, stops_at_unknown_fields) {
  EXPECT_EQ(verdict(times(2, field(20, {}))), std::nullopt);
  EXPECT_EQ(verdict(times(3, field(20, {}))), Errc::too_large);
}

TEST(ProtobufGuard, looks_into_nested_messages) {
  EXPECT_EQ(verdict(field(3, times(3, field(1, {})))), Errc::too_large);
  EXPECT_EQ(verdict(field(3, field(1, Bytes(5)))), Errc::too_large);
  EXPECT_EQ(verdict(field(3, Bytes{0xff})), Errc::invalid);
}

TEST(ProtobufGuard, stops_at_the_depth) {
  Bytes message;
  for (std::size_t depth = 1; depth < limits::protobuf_depth; ++depth) message = field(1, message);
  EXPECT_EQ(verdict(message, endless), std::nullopt);
  EXPECT_EQ(verdict(field(1, message), endless), Errc::too_large);
}

TEST(ProtobufGuard, refuses_packed_numbers_where_one_number_belongs) {
  EXPECT_EQ(verdict(field(1, Bytes{1, 2, 3})), Errc::too_large);
}

TEST(ProtobufGuard, refuses_what_is_no_protobuf) {
  for (const auto* text : {"08", "0880", "08ffffffffffffffffff7f", "0a05", "0aff", "09010203",
                           "0d010203", "0b", "0c", "0e", "0f", "00", "0200", "8080808080800100"}) {
    EXPECT_EQ(verdict(from_hex(text).value()), Errc::invalid) << text;
  }
}

TEST(ProtobufReader, gives_fields_in_order_with_their_values) {
  const Bytes message = from_hex(
                            "08960112026869190100000000000000250200000"
                            "0")
                            .value();
  ProtobufReader reader(message);
  EXPECT_EQ(reader.next().value()->value, 150u);
  EXPECT_EQ(as_text(reader.next().value()->bytes), "hi");
  EXPECT_EQ(reader.next().value()->value, 1u);
  EXPECT_EQ(reader.next().value()->value, 2u);
  EXPECT_FALSE(reader.next().value().has_value());
}

}  // namespace
}  // namespace goop::p2p
