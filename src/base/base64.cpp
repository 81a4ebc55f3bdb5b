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

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  auto out = text.begin();
  while (!bytes.empty()) {
    const std::size_t taken = std::min<std::size_t>(bytes.size(), 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < taken ? bytes[i] : 0u);
    for (std::size_t i = 0; i < taken + 1; ++i) out[i] = digits[group >> (18 - 6 * i) & 63];
    out += 4;
    bytes = bytes.subspan(taken);
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Errc::invalid, "base64 of {} characters", text.size());
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  Bytes bytes(text.size() / 4 * 3);
  std::uint8_t* out = bytes.data();
  std::uint32_t group = 0, last_bits = 0;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t here = at + 4 == text.size() ? 4 - padding : 4;
    std::uint8_t bad = 0;
    group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto value = i < here ? values[static_cast<unsigned char>(text[at + i])] : 0;
      bad |= value & 0xc0;
      group = group << 6 | (value & 63u);
    }
    if (bad != 0) return fail(Errc::invalid, "a character that is not base64");
    *out++ = static_cast<std::uint8_t>(group >> 16);
    *out++ = static_cast<std::uint8_t>(group >> 8);
    *out++ = static_cast<std::uint8_t>(group);
  }
  if (padding > 0) last_bits = group & ((1u << 8 * padding) - 1);
  if (last_bits != 0) return fail(Errc::invalid, "left-over bits in base64");
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(padding), bytes.end());
  return bytes;
}

}  // namespace goop
