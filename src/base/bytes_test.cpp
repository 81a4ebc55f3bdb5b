#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/label.h"

namespace goop {
namespace {

TEST(Bytes, HexRoundTripsAndRefusesForeignText) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xfe, 0x1a}), "00fe1a");
  EXPECT_EQ(from_hex("00FE1a"), (Bytes{0x00, 0xfe, 0x1a}));
  EXPECT_EQ(from_hex("abc").error().code, Errc::invalid);
  EXPECT_EQ(from_hex("zz").error().code, Errc::invalid);
}

TEST(Bytes, Utf8RefusesOverlongSurrogatesAndTruncation) {
  EXPECT_TRUE(is_utf8("héllo €  \xf0\x9f\x98\x80"));
  for (std::string_view bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80",
                               "\xf0\x80\x80\x80", "\xe0\x80\x80"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Bytes, PrintableEscapesControlsAndCuts) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc2\x85"), "\\xc2\\x85");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Bytes, PrintableEscapesWhatTurnsTheDirectionOfWriting) {
  for (const char* sign : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
                           "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"}) {
    const auto shown = printable(std::string("a") + sign + "b");
    EXPECT_TRUE(shown.starts_with("a\\x") && shown.ends_with("b")) << shown;
    EXPECT_FALSE(shown.contains(sign));
    EXPECT_EQ(clean_label(std::string("a") + sign, 100), std::string("a") + sign);
  }
  EXPECT_EQ(printable("\u202e"), "\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\u200d \u2030 \u2065 \u206a שלום"), "\u200d \u2030 \u2065 \u206a שלום");
  EXPECT_EQ(clean_label("a\nb\u0085", 100), "a\\x0ab\\xc2\\x85");
}

TEST(Bytes, ConstantTimeComparisonAgreesWithEquality) {
  EXPECT_TRUE(equal_constant_time(as_bytes("secret"), as_bytes("secret")));
  EXPECT_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secreT")));
  EXPECT_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secre")));
}

}  // namespace
}  // namespace goop
