#include "p2p/multi/radix.h"

#include <algorithm>

#include "p2p/multi/limits.h"

namespace goop::p2p {
namespace {

// Digits are taken several at a time, as the digits of a larger base: the cost is the square of
// their number, and divisions are dear.
constexpr std::uint64_t power(std::uint64_t base, std::size_t exponent) {
  return exponent == 0 ? 1 : base * power(base, exponent - 1);
}
struct Grouped {
  unsigned base;
  std::size_t digits;                                          // in a group
  std::uint64_t group() const { return power(base, digits); }  // at most 2^32
};
constexpr Grouped bytes_in_groups{256, 4};
Grouped text_in_groups(std::string_view digits) {
  return {static_cast<unsigned>(digits.size()), 5};  // 58^5 < 2^30
}

// `number` (big-endian digits) written in another base, least digit first.
template <class Digits>
Bytes convert(const Digits& number, Grouped from, Grouped to) {
  std::vector<std::uint32_t> places;  // digits of the base to.group(), least first
  const std::uint64_t base = to.group();
  const std::size_t count = std::size(number);
  for (std::size_t at = 0; at < count;) {
    // The first group takes what is over, so that the others are whole.
    const std::size_t taken =
        at == 0 && count % from.digits > 0 ? count % from.digits : from.digits;
    std::uint64_t carry = 0;
    for (const std::size_t end = at + taken; at < end; ++at) carry = carry * from.base + number[at];
    const std::uint64_t factor = power(from.base, taken);
    for (auto& place : places) {
      carry += place * factor;
      place = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
    for (; carry > 0; carry /= base) places.push_back(static_cast<std::uint32_t>(carry % base));
  }
  Bytes result;
  result.reserve(places.size() * to.digits);
  for (const auto place : places) {
    auto rest = place;
    for (std::size_t i = 0; i < to.digits; ++i, rest /= to.base) {
      result.push_back(static_cast<std::uint8_t>(rest % to.base));
    }
  }
  while (!result.empty() && result.back() == 0) result.pop_back();
  return result;
}

}  // namespace

std::string radix_encode(std::string_view digits, BytesView bytes) {
  const auto first = std::ranges::find_if(bytes, [](auto byte) { return byte != 0; });
  std::string text(static_cast<std::size_t>(first - bytes.begin()), digits[0]);
  const Bytes places =
      convert(std::span(first, bytes.end()), bytes_in_groups, text_in_groups(digits));
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
      convert(std::span(first, values.end()), text_in_groups(digits), bytes_in_groups);
  bytes.insert(bytes.end(), places.rbegin(), places.rend());
  return bytes;
}

}  // namespace goop::p2p
