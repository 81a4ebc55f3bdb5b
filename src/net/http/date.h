// Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goop::net::http {

std::string http_date(std::int64_t seconds_since_1970);

// Only the form above, which every sender must use; nullopt for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace goop::net::http
