// The security headers of every answer, as ready-made lines.
//
// Pure.   See docs/dev/decisions/0003-origin-per-site.md and SECURITY.md.
#pragma once

#include <cstdint>
#include <string>

namespace goop::viewer {

struct HeaderSets {
  explicit HeaderSets(std::uint16_t port);

  std::string base;     // of every answer that has none of the others
  std::string page;     // pages of the viewer: script from /assets/ only, no frames, own process
  std::string api;      // answers of the API
  std::string site;     // pages and files of a site on its own host
  std::string sandbox;  // a site's content on the viewer's host: an origin of its own, no rights
  std::string probe;    // of the health check: readable as "it is there" from any page
};

}  // namespace goop::viewer
