#include "viewer/headers.h"

#include <fmt/format.h>

#include "viewer/origin.h"

namespace goop::viewer {
namespace {

constexpr std::string_view always =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";
constexpr std::string_view own_only = "Cross-Origin-Resource-Policy: same-origin\r\n";

// What no page may have; a copy button of the viewer writes to the clipboard.
constexpr std::string_view no_powers =
    "camera=(), microphone=(), geolocation=(), clipboard-read=(), display-capture=(), "
    "accelerometer=(), gyroscope=(), magnetometer=(), midi=(), usb=(), serial=(), hid=(), "
    "bluetooth=(), payment=(), publickey-credentials-get=(), publickey-credentials-create=(), "
    "identity-credentials-get=(), screen-wake-lock=(), idle-detection=(), local-fonts=(), "
    "window-management=(), storage-access=(), xr-spatial-tracking=(), keyboard-map=()";

// Alone in its process, and no handle between it and whoever opened it: so nobody learns whether a
// site was opened or the question before it.
constexpr std::string_view isolated =
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Embedder-Policy: require-corp\r\n"
    "Document-Isolation-Policy: isolate-and-require-corp\r\n";

// No connection of any kind but to where the page came from: what no Content-Security-Policy stops
// (WebRTC, preconnect). Chromium knows it from version 156 on, Firefox does not.
constexpr std::string_view connections = "Connection-Allowlist: (response-origin)\r\n";

}  // namespace

HeaderSets::HeaderSets(std::uint16_t port) {
  const auto viewer = viewer_origin(port);
  const auto port_part = port == 80 ? std::string() : fmt::format(":{}", port);
  base = fmt::format("{}{}Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
                     always, own_only);
  api = base + "Cache-Control: no-store\r\n";
  page = fmt::format(
      "{}{}Permissions-Policy: {}, clipboard-write=(self)\r\n"
      "Content-Security-Policy: default-src 'none'; script-src {}/assets/; style-src 'self'; "
      "img-src 'self' data:; font-src 'self'; connect-src 'self' http://*.localhost{}; "
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Origin-Agent-Cluster: ?1\r\n"
      "Cache-Control: no-store\r\n",
      always, own_only, no_powers, viewer, port_part);
  site = fmt::format(
      "{}{}{}{}Permissions-Policy: {}, clipboard-write=()\r\n"
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}\r\n",
      always, own_only, isolated, connections, no_powers, viewer);
  sandbox = fmt::format("{}{}Content-Security-Policy: sandbox allow-scripts allow-forms\r\n",
                        always, own_only);
  probe = fmt::format(
      "{}Cross-Origin-Resource-Policy: cross-origin\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
      "Cache-Control: no-store\r\n",
      always);
}

}  // namespace goop::viewer
