#include "net/http/head_reader.h"

#include <algorithm>

#include "base/ascii.h"
#include "net/http/limits.h"

namespace goop::net::http {
namespace {

constexpr std::string_view cookie_name = "cookie:";
constexpr std::string_view line_end = "\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error bare_line_feed() { return {Errc::invalid, "a line that ends in LF alone"}; }

}  // namespace

void HeadReader::start(std::span<const std::string> cookies) {
  cookies_ = cookies;
  text_.clear();
  cookie_.clear();
  line_at_ = matched_ = blank_lines_ = cookie_bytes_ = own_bytes_ = 0;
  place_ = Place::line_start;
  done_ = false;
}

bool HeadReader::started() const { return !text_.empty() && text_ != "\r"; }

bool HeadReader::too_many_cookies() const { return cookie_bytes_ > limits::cookie_bytes; }

Result<std::size_t> HeadReader::feed(BytesView bytes) {
  std::string_view rest = as_text(bytes);
  while (!rest.empty() && !done_) {
    switch (place_) {
      case Place::line_start:
        GOOP_CHECK(begin_line(rest.front()));
        break;
      case Place::name:
        GOOP_CHECK(compare_name(rest));
        break;
      case Place::line:
        GOOP_CHECK(take_line(rest));
        break;
      case Place::cookies:
        GOOP_CHECK(take_cookies(rest));
        break;
    }
  }
  return bytes.size() - rest.size();
}

Result<void> HeadReader::begin_line(char first) {
  line_at_ = text_.size();
  matched_ = 0;
  const bool request_line = line_at_ == 0;
  // RFC 9112 section 5.2: a server refuses folded lines.
  if (!request_line && (first == ' ' || first == '\t')) return fail(Errc::invalid, "a folded line");
  place_ = request_line ? Place::line : Place::name;
  return {};
}

Result<void> HeadReader::compare_name(std::string_view& rest) {
  while (!rest.empty() && matched_ < cookie_name.size()) {
    if (ascii_lower(rest.front()) != cookie_name[matched_]) {
      place_ = Place::line;
      return {};
    }
    GOOP_CHECK(keep(rest.substr(0, 1)));
    rest.remove_prefix(1);
    ++matched_;
  }
  if (matched_ < cookie_name.size()) return {};
  place_ = Place::cookies;
  last_ = ':';
  return {};
}

Result<void> HeadReader::take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto part = rest.substr(0, end == rest.npos ? end : end + 1);
  GOOP_CHECK(keep(part));
  rest.remove_prefix(part.size());
  if (end == rest.npos) return {};
  return end_line();
}

Result<void> HeadReader::end_line() {
  const auto line = std::string_view(text_).substr(line_at_);
  if (!line.ends_with(line_end)) return std::unexpected(bare_line_feed());
  place_ = Place::line_start;
  if (line_at_ == 0) {
    if (line != line_end) return check_request_line();
    text_.clear();
    if (++blank_lines_ > limits::blank_lines) return fail(Errc::invalid, "empty lines only");
    return {};
  }
  done_ = line == line_end;
  return {};
}

// RFC 9112 section 2.3. A later minor version than we know is spoken to as the latest that we do.
Result<void> HeadReader::check_request_line() {
  constexpr std::string_view before = " HTTP/";
  constexpr std::size_t version_bytes = 3;
  const auto line = std::string_view(text_).substr(0, text_.size() - line_end.size());
  const auto at = line.size() - std::min(line.size(), before.size() + version_bytes);
  const auto tail = line.substr(at);
  const bool known = tail.size() == before.size() + version_bytes && tail.starts_with(before) &&
                     is_digit(tail[6]) && tail[7] == '.' && is_digit(tail[8]);
  if (!known) return fail(Errc::invalid, "not a request line");
  if (tail[6] == '1' && tail[8] > '1') text_[at + 8] = '1';
  return {};
}

Result<void> HeadReader::take_cookies(std::string_view& rest) {
  const auto end = std::min(rest.find_first_of(";\n"), rest.size());
  const auto part = rest.substr(0, end);
  if (!part.empty()) last_ = part.back();
  take_cookie(part);
  const bool ended = end < rest.size();
  const char by = ended ? rest[end] : '\0';
  rest.remove_prefix(end + (ended ? 1 : 0));
  cookie_bytes_ += end + (ended ? 1 : 0);
  if (too_many_cookies()) return fail(Errc::too_large, "too many cookies");
  if (!ended) return {};
  if (by == '\n' && last_ != '\r') return std::unexpected(bare_line_feed());
  GOOP_CHECK(end_cookie());
  last_ = by;
  if (by != '\n') return {};
  place_ = Place::line_start;
  return keep(line_end);
}

// Without the blanks before it, and of a longer one than ours are no more than shows that it is.
void HeadReader::take_cookie(std::string_view part) {
  if (cookie_.empty()) part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
  cookie_.append(part.substr(0, limits::own_cookie_bytes + 2 - cookie_.size()));  // 2: CR, more
}

Result<void> HeadReader::end_cookie() {
  std::string_view cookie = cookie_;
  if (cookie.ends_with('\r')) cookie.remove_suffix(1);
  const auto name = cookie.substr(0, cookie.find('='));
  const bool ours = cookie.size() <= limits::own_cookie_bytes && name.size() < cookie.size() &&
                    std::ranges::find(cookies_, name) != cookies_.end() &&
                    own_bytes_ + cookie.size() <= limits::own_cookies_bytes;
  Result<void> kept;
  if (ours) {
    const bool first = text_.size() == line_at_ + cookie_name.size();
    kept = keep(first ? " " : "; ");
    if (kept) kept = keep(cookie);
    own_bytes_ += cookie.size();
  }
  cookie_.clear();
  return kept;
}

Result<void> HeadReader::keep(std::string_view part) {
  if (part.size() > limits::head_bytes - text_.size()) {
    return fail(Errc::too_large, "header over its limit");
  }
  text_ += part;
  return {};
}

}  // namespace goop::net::http
