#include "base/bytes.h"

#include "base/label.h"

namespace goop {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
  auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && at(1) < 0xa0) return 0;  // overlong
  if (first == 0xed && at(1) > 0x9f) return 0;  // surrogate
  if (first == 0xf0 && at(1) < 0x90) return 0;  // overlong
  if (first == 0xf4 && at(1) > 0x8f) return 0;  // beyond U+10FFFF
  return length;
}

// `sign` is one sequence of UTF-8. C1 controls are two bytes: c2 80 … c2 9f.
bool is_control(std::string_view sign) {
  const auto first = static_cast<std::uint8_t>(sign[0]);
  return first < 0x20 || first == 0x7f ||
         (first == 0xc2 && static_cast<std::uint8_t>(sign[1]) < 0xa0);
}

// U+061C, U+200E and F, U+202A to E, U+2066 to 9: text behind them is shown in another order than
// it is written in, so a name could pass for something else. With them U+2028 and 9, ends of lines.
bool turns_direction(std::string_view sign) {
  return sign == "\u061c" || (sign >= "\u200e" && sign <= "\u200f") ||
         (sign >= "\u2028" && sign <= "\u202e") || (sign >= "\u2066" && sign <= "\u2069");
}

// Escapes broken UTF-8 and the signs that are `hidden`.
template <class Hidden>
std::string escaped(std::string_view text, std::size_t max_bytes, const Hidden& hidden) {
  std::string out;
  while (!text.empty()) {
    const auto sound = utf8_sequence(text);
    const auto length = std::max<std::size_t>(sound, 1);
    const bool plain = sound > 0 && !hidden(text.substr(0, length));
    std::string piece;
    for (const char byte : text.substr(0, length)) {
      piece +=
          plain ? std::string(1, byte) : fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
    }
    if (out.size() + piece.size() > max_bytes) return out + "…";
    out += piece;
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

bool equal(BytesView a, BytesView b) { return std::ranges::equal(a, b); }

bool equal_constant_time(BytesView a, BytesView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

std::string to_hex(BytesView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (auto byte : bytes) {
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Errc::invalid, "hex text has an odd length");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return fail(Errc::invalid, "not a hex digit at offset {}", i);
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  const auto hidden = [](std::string_view sign) {
    return is_control(sign) || turns_direction(sign);
  };
  return escaped(text, max_bytes, hidden);
}

std::string clean_label(std::string_view text, std::size_t max_bytes) {
  return escaped(text, max_bytes, is_control);
}

}  // namespace goop
