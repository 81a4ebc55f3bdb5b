// Changing one value in the text of a JSON file, and nothing else: order, spacing and keys that we
// do not know stay as the person left them.
#pragma once

#include <string>
#include <string_view>

namespace goop::peer::setup {

// `text` is valid JSON, an object. `section` and `member` match in any case; of several, the last
// one counts, because it is the one that is read. What is missing is added at the end, with the
// indentation of its neighbours. `value` is JSON.
std::string with_value(std::string_view text, std::string_view section, std::string_view member,
                       std::string_view value);

}  // namespace goop::peer::setup
