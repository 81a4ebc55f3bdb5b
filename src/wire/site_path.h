// A file's path inside a site, in its one canonical form: "images/a b.png", "" is the site itself.
//
// Segments are separated by one '/', without a leading one; a trailing '/' is kept and means "the
// directory" (its index.html is the store's business). Text is decoded UTF-8. What could mean
// something else to a file system or a text line is refused here, once: empty, "." and ".."
// segments, backslashes, control characters. Case is kept.
//
// Limits: limits::site_path_bytes.   Errors: invalid, too_large.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace goop::wire {

class SitePath {
 public:
  SitePath() = default;  // the site itself

  // From decoded text, with or without one leading '/'.
  static Result<SitePath> parse(std::string_view text);

  // From the path of a URL, percent-encoded, without query. An encoded '/' or '\' is refused: it
  // would name another file than the one that the browser believes in.
  static Result<SitePath> from_url(std::string_view encoded);

  const std::string& text() const { return text_; }
  bool root() const { return text_.empty(); }
  bool directory() const { return text_.empty() || text_.back() == '/'; }

  // The path as part of a URL, percent-encoded, without a leading '/'.
  std::string to_url() const;

  // This path with `more` behind it: "a/" and "index.html" give "a/index.html".
  Result<SitePath> join(std::string_view more) const;

  auto operator<=>(const SitePath&) const = default;

 private:
  explicit SitePath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace goop::wire
