// The head of a request as it comes off the wire, in whatever pieces: what the grammar gets of it.
//
// Every line ends in CRLF. Empty lines before the request are passed over (RFC 9112 section 2.2).
// Of the Cookie field only the cookies that the server asked for are kept, and of these none that
// is too long to be one of its own: cookies ignore ports, so the pages of every program on a host
// can add theirs, and must not be able to make the head too large.
//
// Pure.   Limits: limits::head_bytes, blank_lines, cookie_bytes, own_cookie_bytes,
// own_cookies_bytes.
// Errors: invalid (a line that ends in LF alone, a folded line, no request line), too_large.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace goop::net::http {

class HeadReader {
 public:
  // Ready for the next head. `cookies`: the names that are kept; they outlive the reading.
  void start(std::span<const std::string> cookies);

  // Takes from the front of `bytes`, at most to the end of the head; gives how many.
  Result<std::size_t> feed(BytesView bytes);

  bool started() const;  // a byte of a request has come, not only of empty lines
  bool done() const { return done_; }
  bool in_request_line() const { return line_at_ == 0 && !done_; }
  bool too_many_cookies() const;
  std::string_view text() const { return text_; }  // when done: the head with its empty line

 private:
  enum class Place { line_start, name, line, cookies };

  Result<void> begin_line(char first);
  Result<void> compare_name(std::string_view& rest);  // with "Cookie:"
  Result<void> take_line(std::string_view& rest);
  Result<void> take_cookies(std::string_view& rest);
  void take_cookie(std::string_view part);
  Result<void> end_line();
  Result<void> end_cookie();
  Result<void> check_request_line();
  Result<void> keep(std::string_view part);

  std::span<const std::string> cookies_;
  std::string text_;
  std::string cookie_;  // the one that is being read, as far as it can be one of ours
  std::size_t line_at_ = 0, matched_ = 0, blank_lines_ = 0;
  std::size_t cookie_bytes_ = 0, own_bytes_ = 0;  // read of the field, kept of it
  char last_ = 0;                                 // byte of the Cookie field
  Place place_ = Place::line_start;
  bool done_ = false;
};

}  // namespace goop::net::http
