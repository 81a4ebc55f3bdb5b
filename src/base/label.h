// Names and other short texts of people, for pages.
#pragma once

#include <string>
#include <string_view>

namespace goop {

// As printable() does it, but signs that turn the direction of writing stay: names in Arabic or
// Hebrew need them, and a page keeps them within the name. A terminal does not: what goes there is
// printable().
std::string clean_label(std::string_view text, std::size_t max_bytes);

}  // namespace goop
