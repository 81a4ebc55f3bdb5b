#include "p2p/multi/multibase.h"

#include <optional>

#include "p2p/multi/limits.h"
#include "p2p/multi/radix.h"

namespace goop::p2p {
namespace {

// RFC 4648 alphabets: `bits` per digit, and whether the text is padded to whole groups.
struct Binary {
  std::string_view digits;
  unsigned bits;
  bool padded = false;

  // Bytes come in whole groups of digits: 5 bytes are 8 digits of base32, 3 are 4 of base64.
  std::size_t group_digits() const { return bits == 5 ? 8 : 4; }
};

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::optional<Binary> binary(Base base) {
  switch (base) {
    case Base::base16:
      return Binary{hex_digits, 4};
    case Base::base32:
      return Binary{base32_digits, 5};
    case Base::base64:
      return Binary{base64_digits, 6};
    case Base::base64url:
      return Binary{base64url_digits, 6};
    case Base::base64url_pad:
      return Binary{base64url_digits, 6, true};
    case Base::base36:
    case Base::base58:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string encode(const Binary& base, BytesView bytes) {
  std::string text;
  unsigned held = 0, held_bits = 0;
  const unsigned mask = (1u << base.bits) - 1;
  for (const auto byte : bytes) {
    held = held << 8 | byte;
    held_bits += 8;
    for (; held_bits >= base.bits; held_bits -= base.bits) {
      text += base.digits[held >> (held_bits - base.bits) & mask];
    }
    held &= 0xff;
  }
  if (held_bits > 0) text += base.digits[held << (base.bits - held_bits) & mask];
  if (base.padded) text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

Result<Bytes> decode(const Binary& base, std::string_view text) {
  if (base.padded) {
    if (text.size() % base.group_digits() != 0) return fail(Errc::invalid, "padding is missing");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  Bytes bytes;
  bytes.reserve(text.size() * base.bits / 8);
  unsigned held = 0, held_bits = 0;
  for (const char c : text) {
    const auto value = base.digits.find(c);
    if (value == base.digits.npos) {
      return fail(Errc::invalid, "'{}' is not a character of this base", printable({&c, 1}));
    }
    held = held << base.bits | static_cast<unsigned>(value);
    held_bits += base.bits;
    if (held_bits < 8) continue;
    held_bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(held >> held_bits));
    held &= (1u << held_bits) - 1;
  }
  // A digit too many, or bits that an encoder would have left zero: another text for these bytes.
  if (held_bits >= base.bits || held != 0) return fail(Errc::invalid, "left-over bits in the text");
  return bytes;
}

Radix radix_of(Base base) { return base == Base::base36 ? Radix::base36 : Radix::base58; }

}  // namespace

std::string base_encode(Base base, BytesView bytes) {
  if (const auto table = binary(base)) return encode(*table, bytes);
  return radix_encode(radix_of(base), bytes);
}

Result<Bytes> base_decode(Base base, std::string_view text) {
  if (text.size() > limits::multiaddr_text_chars) {
    return fail(Errc::too_large, "text of {} characters", text.size());
  }
  if (const auto table = binary(base)) return decode(*table, text);
  return radix_decode(radix_of(base), text);
}

std::string multibase_encode(Base base, BytesView bytes) {
  return static_cast<char>(base) + base_encode(base, bytes);
}

Result<Bytes> multibase_decode(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid, "multibase text is empty");
  for (const Base base : {Base::base16, Base::base32, Base::base36, Base::base58, Base::base64,
                          Base::base64url, Base::base64url_pad}) {
    if (text[0] == static_cast<char>(base)) return base_decode(base, text.substr(1));
  }
  return fail(Errc::unsupported, "multibase prefix '{}'", printable(text.substr(0, 1)));
}

}  // namespace goop::p2p
