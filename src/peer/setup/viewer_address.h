// viewer.http_addr: where the local viewer listens, if at all.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace goop::peer::setup {

struct ViewerAddress {
  enum class Kind {
    free_port,  // "" or port 0: one that is free, the one of last time if it is
    fixed,      // 127.0.0.1:8080; also :8080, localhost:8080, [::1]:8080
    off,        // "off" or "-"
  };
  Kind kind = Kind::free_port;
  std::uint16_t port = 0;  // when fixed

  bool operator==(const ViewerAddress&) const = default;
};

// invalid: anything else; another host than this machine's own is refused with the reason.
Result<ViewerAddress> parse_viewer_address(std::string_view text);

}  // namespace goop::peer::setup
