#include "p2p/multi/radix.h"

#include <algorithm>

#include "p2p/multi/limits.h"

namespace goop::p2p {
namespace {

// `number` (big-endian digits of base `from`) written in base `to`, least digit first.
template <class Digits>
Bytes convert(const Digits& number, unsigned from, unsigned to) {
  Bytes result;
  for (const unsigned digit : number) {
    unsigned carry = digit;
    for (auto& place : result) {
      carry += place * from;
      place = static_cast<std::uint8_t>(carry % to);
      carry /= to;
    }
    for (; carry > 0; carry /= to) result.push_back(static_cast<std::uint8_t>(carry % to));
  }
  return result;
}

}  // namespace

std::string radix_encode(std::string_view digits, BytesView bytes) {
  const auto first = std::ranges::find_if(bytes, [](auto byte) { return byte != 0; });
  std::string text(static_cast<std::size_t>(first - bytes.begin()), digits[0]);
  const Bytes places =
      convert(std::span(first, bytes.end()), 256, static_cast<unsigned>(digits.size()));
  std::for_each(places.rbegin(), places.rend(), [&](auto place) { text += digits[place]; });
  return text;
}

Result<Bytes> radix_decode(std::string_view digits, std::string_view text) {
  if (text.size() > limits::base_text_chars) {
    return fail(Errc::too_large, "text of {} characters, at most {} are decoded", text.size(),
                limits::base_text_chars);
  }
  Bytes values;
  for (const char c : text) {
    const auto value = digits.find(c);
    if (value == digits.npos) {
      return fail(Errc::invalid, "'{}' is not a base{} character", printable({&c, 1}),
                  digits.size());
    }
    values.push_back(static_cast<std::uint8_t>(value));
  }
  const auto first = std::ranges::find_if(values, [](auto value) { return value != 0; });
  Bytes bytes(static_cast<std::size_t>(first - values.begin()), 0);
  const Bytes places =
      convert(std::span(first, values.end()), static_cast<unsigned>(digits.size()), 256);
  bytes.insert(bytes.end(), places.rbegin(), places.rend());
  return bytes;
}

}  // namespace goop::p2p
