#include "p2p/multi/radix.h"

#include <algorithm>
#include <array>

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
  std::size_t digits;                                                    // in a group
  constexpr std::uint64_t group() const { return power(base, digits); }  // at most 2^32
};
constexpr Grouped bytes_in_groups{256, 4};

// `number` (big-endian digits) written in another base, least digit first. The compiler knows the
// bases, and divides by multiplying.
template <Grouped from, Grouped to>
Bytes convert(BytesView number) {
  constexpr std::uint64_t base = to.group();
  std::vector<std::uint32_t> places;  // digits of that base, least first
  places.reserve(number.size() / from.digits * 2 + 1);
  for (std::size_t at = 0; at < number.size();) {
    // The first group takes what is over, so that the others are whole.
    const std::size_t over = at == 0 ? number.size() % from.digits : 0;
    const std::size_t taken = over > 0 ? over : from.digits;
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
  for (auto rest : places) {
    for (std::size_t i = 0; i < to.digits; ++i, rest /= to.base) {
      result.push_back(static_cast<std::uint8_t>(rest % to.base));
    }
  }
  while (!result.empty() && result.back() == 0) result.pop_back();
  return result;
}

constexpr std::uint8_t no_digit = 0xff;

struct Alphabet {
  std::string_view digits;
  std::array<std::uint8_t, 256> values;  // of each character
  Bytes (*to_digits)(BytesView bytes);
  Bytes (*to_bytes)(BytesView digits);
};

template <Grouped text>
constexpr Alphabet alphabet(std::string_view digits) {
  Alphabet made{digits, {}, convert<bytes_in_groups, text>, convert<text, bytes_in_groups>};
  made.values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    made.values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return made;
}

constexpr Alphabet base58 = alphabet<Grouped{58, 5}>(  // 58^5 < 2^30
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
constexpr Alphabet base36 = alphabet<Grouped{36, 5}>("0123456789abcdefghijklmnopqrstuvwxyz");

const Alphabet& alphabet_of(Radix radix) { return radix == Radix::base58 ? base58 : base36; }

std::size_t leading_zeros(BytesView number) {
  const auto first = std::ranges::find_if(number, [](auto digit) { return digit != 0; });
  return static_cast<std::size_t>(first - number.begin());
}

}  // namespace

std::string radix_encode(Radix radix, BytesView bytes) {
  const auto& [digits, values, to_digits, to_bytes] = alphabet_of(radix);
  const std::size_t zeros = leading_zeros(bytes);
  const Bytes places = to_digits(bytes.subspan(zeros));
  std::string text(zeros + places.size(), digits[0]);
  std::ranges::transform(places, text.rbegin(), [&](auto place) { return digits[place]; });
  return text;
}

Result<Bytes> radix_decode(Radix radix, std::string_view text) {
  if (text.size() > limits::base_text_chars) {
    return fail(Errc::too_large, "text of {} characters, at most {} are decoded", text.size(),
                limits::base_text_chars);
  }
  const auto& [digits, values, to_digits, to_bytes] = alphabet_of(radix);
  Bytes number(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    number[i] = values[static_cast<unsigned char>(text[i])];
    if (number[i] == no_digit) {
      return fail(Errc::invalid, "'{}' is not a base{} character", printable(text.substr(i, 1)),
                  digits.size());
    }
  }
  const std::size_t zeros = leading_zeros(number);
  const Bytes places = to_bytes(BytesView(number).subspan(zeros));
  Bytes bytes(zeros + places.size(), 0);
  std::ranges::copy(places, bytes.rbegin());
  return bytes;
}

}  // namespace goop::p2p
