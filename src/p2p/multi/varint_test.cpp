#include "p2p/multi/varint.h"

#include <gtest/gtest.h>

namespace goop::p2p {
namespace {

Bytes encoded(std::uint64_t value) {
  Bytes bytes;
  append_uvarint(bytes, value);
  return bytes;
}

Errc error_of(BytesView bytes) {
  const auto value = read_uvarint(bytes);
  return value ? Errc::internal : value.error().code;
}

TEST(Uvarint, has_the_bytes_of_the_specification) {
  EXPECT_EQ(encoded(0), (Bytes{0x00}));
  EXPECT_EQ(encoded(127), (Bytes{0x7f}));
  EXPECT_EQ(encoded(128), (Bytes{0x80, 0x01}));
  EXPECT_EQ(encoded(16384), (Bytes{0x80, 0x80, 0x01}));
}

TEST(Uvarint, comes_back_as_it_went_at_every_size) {
  for (unsigned bits = 0; bits < 63; ++bits) {
    for (const std::uint64_t value : {std::uint64_t{1} << bits, (std::uint64_t{2} << bits) - 1}) {
      const Bytes bytes = encoded(value);
      EXPECT_EQ(bytes.size(), uvarint_size(value));
      EXPECT_EQ(read_uvarint(bytes).value(), (Uvarint{value, bytes.size()}));
      EXPECT_EQ(peek_uvarint(BytesView(bytes).first(bytes.size() - 1)).value(), std::nullopt);
    }
  }
}

TEST(Uvarint, refuses_longer_forms_of_a_number) {
  EXPECT_EQ(error_of(Bytes{0x80, 0x00}), Errc::invalid);
  EXPECT_EQ(error_of(Bytes{0x81, 0x80, 0x00}), Errc::invalid);
}

TEST(Uvarint, refuses_more_than_nine_bytes) {
  Bytes nine(limits::uvarint_bytes, 0xff);
  nine.back() = 0x7f;
  EXPECT_EQ(read_uvarint(nine)->value, (std::uint64_t{1} << 63) - 1);
  EXPECT_EQ(error_of(Bytes(limits::uvarint_bytes, 0xff)), Errc::invalid);
  EXPECT_EQ(peek_uvarint(Bytes(limits::uvarint_bytes, 0xff)).error().code, Errc::invalid);
}

TEST(Uvarint, refuses_what_is_cut_off) {
  EXPECT_EQ(error_of({}), Errc::invalid);
  EXPECT_EQ(error_of(Bytes{0x80}), Errc::invalid);
}

TEST(LengthPrefixed, takes_messages_out_of_any_pieces) {
  const Bytes first(300, 'a'), second, third = to_bytes("third");
  Bytes wire;
  for (const Bytes& message : {first, second, third}) append_prefixed(wire, message);
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    LengthPrefixed reader(300);
    std::vector<Bytes> got;
    for (BytesView rest = wire; !rest.empty();) {
      const auto used = reader.on_bytes(rest.first(std::min(piece, rest.size()))).value();
      EXPECT_TRUE(reader.started());
      rest = rest.subspan(used);
      if (reader.complete()) got.push_back(reader.take());
    }
    EXPECT_EQ(got, (std::vector<Bytes>{first, second, third})) << piece;
    EXPECT_FALSE(reader.started());
  }
}

TEST(LengthPrefixed, leaves_what_follows_the_message) {
  LengthPrefixed reader(10);
  EXPECT_EQ(reader
                .on_bytes(as_bytes("\x02"
                                   "abrest"))
                .value(),
            3u);
  EXPECT_TRUE(reader.complete());
  EXPECT_EQ(reader.on_bytes(as_bytes("rest")).value(), 0u);
  EXPECT_EQ(reader.take(), to_bytes("ab"));
}

TEST(LengthPrefixed, refuses_an_announcement_over_its_maximum_before_any_byte_of_it) {
  LengthPrefixed fits(300);
  EXPECT_TRUE(fits.on_bytes(encoded(300)).has_value());
  LengthPrefixed over(299);
  EXPECT_EQ(over.on_bytes(encoded(300)).error().code, Errc::too_large);
  LengthPrefixed malformed(299);
  EXPECT_EQ(malformed.on_bytes(Bytes(9, 0xff)).error().code, Errc::invalid);
}

}  // namespace
}  // namespace goop::p2p
