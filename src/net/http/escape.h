// Text as part of HTML.
#pragma once

#include <string>
#include <string_view>

namespace goop::net::http {

// Fit for element content and for quoted attribute values.
std::string escape_html(std::string_view text);

}  // namespace goop::net::http
