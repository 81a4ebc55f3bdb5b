// Conditional requests (RFC 9110 section 13): is what the client asked for still what it thinks?
//
// One place for every answer that has an ETag or a date: the server calls apply_preconditions() on
// what a handler gives, so handlers need not know of conditions. If-Range is not among them: it
// belongs to whoever cuts the range.
//
// Pure.
#pragma once

#include "net/http/conditional.h"
#include "net/http/message.h"

namespace goop::net::http {

// What is known of the representation that a request is about.
struct Validators {
  EntityTag etag;
  std::optional<std::int64_t> modified;  // seconds since 1970
};

enum class Precondition {
  holds,         // or there is none
  not_modified,  // 304
  failed,        // 412
};

// In the order of section 13.2.2.
Precondition evaluate(Method method, const Fields& request, const Validators& current);

// Makes 304 or 412 of a good answer to GET or HEAD, without its body, where the request says so.
void apply_preconditions(const Request& request, Response& response);

}  // namespace goop::net::http
