#include "viewer/headers.h"

#include <fmt/format.h>

#include "viewer/origin.h"

namespace goop::viewer {
namespace {

constexpr std::string_view always =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";
constexpr std::string_view own_only = "Cross-Origin-Resource-Policy: same-origin\r\n";
constexpr std::string_view no_devices =
    "Permissions-Policy: camera=(), microphone=(), geolocation=(), clipboard-read=()\r\n";

}  // namespace

HeaderSets::HeaderSets(std::uint16_t port) {
  const auto viewer = viewer_origin(port);
  const auto port_part = port == 80 ? std::string() : fmt::format(":{}", port);
  base = fmt::format("{}{}Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
                     always, own_only);
  api = base + "Cache-Control: no-store\r\n";
  page = fmt::format(
      "{}{}{}"
      "Content-Security-Policy: default-src 'none'; script-src {}/assets/; style-src 'self'; "
      "img-src 'self' data:; font-src 'self'; connect-src 'self' http://*.localhost{}; "
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Origin-Agent-Cluster: ?1\r\n"
      "Cache-Control: no-store\r\n",
      always, own_only, no_devices, viewer, port_part);
  site = fmt::format(
      "{}{}{}"
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}\r\n",
      always, own_only, no_devices, viewer);
  sandbox = fmt::format("{}{}Content-Security-Policy: sandbox allow-scripts allow-forms\r\n",
                        always, own_only);
  probe = fmt::format(
      "{}Cross-Origin-Resource-Policy: cross-origin\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
      "Cache-Control: no-store\r\n",
      always);
}

}  // namespace goop::viewer
