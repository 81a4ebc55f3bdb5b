#include "net/http/target.h"

#include <algorithm>

#include "net/http/message.h"

namespace goop::net::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<void> append_segment(std::string_view raw, std::vector<std::string>& to) {
  GOOP_TRY(auto segment, percent_decode(raw));
  if (segment == "." || segment == "..") return fail(Errc::invalid, "dot segment in a path");
  const bool harmful = std::ranges::any_of(segment, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
  });
  if (harmful) return fail(Errc::invalid, "harmful character in a path");
  to.push_back(std::move(segment));
  return {};
}

constexpr std::string_view scheme = "http://";

bool is_absolute(std::string_view text) { return iequals(text.substr(0, scheme.size()), scheme); }

}  // namespace

void join_slashes(std::string& text) {
  const auto begin = is_absolute(text) ? scheme.size() : 0;
  const auto end = std::min(text.find_first_of("?#", begin), text.size());
  const auto from = text.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto to = text.begin() + static_cast<std::ptrdiff_t>(end);
  text.erase(std::unique(from, to, [](char a, char b) { return a == '/' && b == '/'; }), to);
}

Result<void> parse_target(std::string_view text, Target& into) {
  into.segments.clear();
  into.query = into.authority = {};
  if (is_absolute(text)) {
    text.remove_prefix(scheme.size());
    const auto end = std::min(text.find_first_of("/?#"), text.size());
    into.authority = text.substr(0, end);
    if (into.authority.empty()) return fail(Errc::invalid, "request target without authority");
    text.remove_prefix(end);
    if (text.empty()) text = "/";
  }
  if (text.empty() || text.front() != '/') return fail(Errc::invalid, "not a path as target");
  if (text.find('#') != text.npos) return fail(Errc::invalid, "fragment in a request target");
  const auto mark = text.find('?');
  into.path = text.substr(0, mark);
  if (mark != text.npos) into.query = text.substr(mark + 1);

  auto rest = into.path.substr(1);
  if (rest.empty()) return {};
  for (;;) {
    const auto slash = rest.find('/');
    GOOP_CHECK(append_segment(rest.substr(0, slash), into.segments));
    if (slash == rest.npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  if (text.find('%') == text.npos) {
    out = text;
    return out;
  }
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return fail(Errc::invalid, "bad percent escape");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != pair.npos) {
      auto value = percent_decode(pair.substr(equals + 1));
      return value ? std::optional(std::move(*value)) : std::nullopt;
    }
    if (end == query.npos) break;
    query.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace goop::net::http
