#include "peer/setup/viewer_address.h"

#include <charconv>

#include "base/bytes.h"

namespace goop::peer::setup {

Result<ViewerAddress> parse_viewer_address(std::string_view text) {
  using Kind = ViewerAddress::Kind;
  if (text.empty()) return ViewerAddress{};
  if (text == "off" || text == "-") return ViewerAddress{Kind::off, 0};
  const auto colon = text.rfind(':');
  if (colon == text.npos) return fail(Errc::invalid, "{} has no :PORT", printable(text));
  const auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return fail(Errc::invalid, "{} is no port", printable(digits));
  }
  if (host != "" && host != "127.0.0.1" && host != "localhost" && host != "[::1]") {
    return fail(Errc::invalid,
                "{} is not this machine alone; whoever reaches the viewer could act as its owner",
                printable(host));
  }
  return port == 0 ? ViewerAddress{} : ViewerAddress{Kind::fixed, port};
}

}  // namespace goop::peer::setup
