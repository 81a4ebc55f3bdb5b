// Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goop::net::http {

std::string http_date(std::int64_t seconds_since_1970);

// That form, and the two old ones that a recipient must know: "Sunday, 06-Nov-94 08:49:37 GMT",
// whose years are those from 1970 to 2069, and "Sun Nov  6 08:49:37 1994". nullopt for anything
// else, also for a wrong day of the week.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace goop::net::http
