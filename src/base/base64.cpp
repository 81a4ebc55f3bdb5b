#include "base/base64.h"

#include <array>

namespace goop {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// The digits of three bytes, the most significant first.
void write_group(std::uint32_t group, char* out) {
  out[0] = digits[group >> 18];
  out[1] = digits[group >> 12 & 63];
  out[2] = digits[group >> 6 & 63];
  out[3] = digits[group & 63];
}

// The three bytes of four digits; over 24 bits where one of them is none.
std::uint32_t read_group(const char* in) {
  const auto value = [in](std::size_t i) -> std::uint32_t {
    return values[static_cast<unsigned char>(in[i])];
  };
  const std::uint32_t bad = (value(0) | value(1) | value(2) | value(3)) & 0xc0;
  return value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3) | bad << 24;
}

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  for (; bytes.size() >= 3; bytes = bytes.subspan(3), out += 4) {
    write_group(std::uint32_t{bytes[0]} << 16 | bytes[1] << 8 | bytes[2], out);
  }
  if (!bytes.empty()) {
    char last[4];
    write_group(std::uint32_t{bytes[0]} << 16 | (bytes.size() > 1 ? bytes[1] << 8 : 0), last);
    std::copy_n(last, bytes.size() + 1, out);
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Errc::invalid, "base64 of {} characters", text.size());
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  Bytes bytes(text.size() / 4 * 3);
  std::uint8_t* out = bytes.data();
  std::uint32_t group = 0;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    if (padding > 0 && at + 4 == text.size()) {
      char last[4] = {text[at], text[at + 1], text[at + 2], digits[0]};
      if (padding == 2) last[2] = digits[0];
      group = read_group(last);
    } else {
      group = read_group(text.data() + at);
    }
    if (group >> 24 != 0) return fail(Errc::invalid, "a character that is not base64");
    *out++ = static_cast<std::uint8_t>(group >> 16);
    *out++ = static_cast<std::uint8_t>(group >> 8);
    *out++ = static_cast<std::uint8_t>(group);
  }
  const std::uint32_t left_over = group & ((1u << 8 * padding) - 1);
  if (left_over != 0) return fail(Errc::invalid, "left-over bits in base64");
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace goop
