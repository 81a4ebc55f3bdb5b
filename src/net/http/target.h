// The target of a request, taken apart once and strictly.
//
// Only the origin form is left after parsing: `/a/b%20c?x=1` gives path segments {"a", "b c"} and
// the query text. What programs use to confuse each other is refused: bad percent escapes, NUL,
// other control characters, an encoded slash or backslash, dot segments, a fragment.
//
// RFC 9112 section 3.2, RFC 3986 section 3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace goop::net::http {

struct Target {
  std::string_view path;              // as sent, begins with '/'
  std::string_view query;             // as sent, without '?'
  std::string_view authority;         // of the absolute form (`http://host/path`), else empty
  std::vector<std::string> segments;  // decoded; "/" has none, "/a/" is {"a", ""}
};

// Makes one slash of those that follow each other in the path: `/a//b` is `/a/b`, and no redirect
// to a path can lead to another host.
void join_slashes(std::string& text);

// Refills `into`, whose views point into `text`. Errors: invalid.
Result<void> parse_target(std::string_view text, Target& into);

// Decodes %XX. Errors: invalid escape.
Result<std::string> percent_decode(std::string_view text);

// Escapes every byte that is not unreserved (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

// The decoded value of the first `name=value` in a query; nullopt when missing or badly escaped.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace goop::net::http
