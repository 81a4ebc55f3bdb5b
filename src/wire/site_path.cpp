#include "wire/site_path.h"

#include <algorithm>

#include "base/bytes.h"
#include "wire/site_limits.h"

namespace goop::wire {
namespace {

bool control(unsigned char c) { return c < 0x20 || c == 0x7f; }

// What needs no encoding in a URL's path: RFC 3986 pchar without '%', plus '/'.
bool plain_in_url(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$&'()*+,;=:@/").contains(static_cast<char>(c));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<SitePath> SitePath::parse(std::string_view text) {
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.size() > limits::site_path_bytes) {
    return fail(Errc::too_large, "a path of {} bytes", text.size());
  }
  if (!is_utf8(text)) return fail(Errc::invalid, "a path that is not UTF-8");
  for (const unsigned char c : text) {
    if (control(c) || c == '\\') return fail(Errc::invalid, "a path with the byte 0x{:02x}", c);
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view segment = text.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") {
      return fail(Errc::invalid, "a path with the segment \"{}\"", segment);
    }
    begin = end + 1;
  }
  return SitePath(std::string(text));
}

Result<SitePath> SitePath::from_url(std::string_view encoded) {
  if (encoded.size() > 3 * limits::site_path_bytes + 1) {
    return fail(Errc::too_large, "a path of {} bytes", encoded.size());
  }
  std::string text;
  text.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      text += encoded[i];
      continue;
    }
    const int high = i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : -1;
    const int low = i + 2 < encoded.size() ? hex_digit(encoded[i + 2]) : -1;
    if (high < 0 || low < 0) return fail(Errc::invalid, "a path with a broken % escape");
    const char c = static_cast<char>(high * 16 + low);
    if (c == '/' || c == '\\') return fail(Errc::invalid, "a path with an encoded separator");
    text += c;
    i += 2;
  }
  return parse(text);
}

std::string SitePath::to_url() const {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string url;
  url.reserve(text_.size());
  for (const unsigned char c : text_) {
    if (plain_in_url(c)) {
      url += static_cast<char>(c);
    } else {
      url += {'%', digits[c >> 4], digits[c & 15]};
    }
  }
  return url;
}

Result<SitePath> SitePath::join(std::string_view more) const {
  return parse(text_ + std::string(more));
}

}  // namespace goop::wire
