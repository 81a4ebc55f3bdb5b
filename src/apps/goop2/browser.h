// Opens a page in the person's browser.
//
// A link with a secret in it must not stand on a command line, which every user of the computer can
// read. So the browser is given a file of the peer's folder, readable by its owner alone, that
// leads to the link.
#pragma once

#include <string>
#include <string_view>

#include "store/folder.h"

namespace goop::apps {

inline constexpr std::string_view open_page_name = "data/open.html";

// Whether there is a desktop to open a page on.
bool has_desktop();

// conflict: there is no desktop, or no xdg-open.
Result<void> open_in_browser(const store::Folder& folder, std::string_view link);

void remove_open_page(const store::Folder& folder);  // no matter whether it is there

}  // namespace goop::apps
