// The frame of a page that the program writes itself: head, navigation, footer.
//
// Style and script are files of the server that shows the page (web/public/): nothing is inline,
// and without script everything but the choice of a theme and copying works.
//
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace goop::manual {

struct Link {
  std::string href, text;
  bool current = false;
};

struct Frame {
  std::string_view language;  // "en", "nl"
  std::string_view title;
  std::string_view home;    // what the first link is called
  std::vector<Link> links;  // the navigation
  std::string_view footer;  // text
  std::string_view body;    // HTML; all else is escaped here
};

std::string framed(const Frame& frame);

// "nl" or "en": the reader's first choice among them, from an Accept-Language field.
std::string_view choose_language(std::string_view accept);

}  // namespace goop::manual
