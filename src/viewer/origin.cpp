#include "viewer/origin.h"

#include "base/ascii.h"

namespace goop::viewer {
namespace {

constexpr std::uint16_t http_port = 80;

// `host` without the port, or empty when the port is not ours.
std::string_view without_port(std::string_view host, std::uint16_t port) {
  if (port == http_port) return host;
  const fmt::format_int digits(port);
  const std::string_view text(digits.data(), digits.size());
  if (!host.ends_with(text)) return {};
  host.remove_suffix(text.size());
  if (!host.ends_with(':')) return {};
  host.remove_suffix(1);
  return host;
}

std::string with_port(std::string_view host, std::uint16_t port) {
  return port == http_port ? fmt::format("http://{}", host)
                           : fmt::format("http://{}:{}", host, port);
}

}  // namespace

HostClass classify_host(std::string_view host, std::uint16_t port) {
  constexpr std::string_view suffix = ".localhost";
  const auto lower = ascii_lower(host);  // RFC 9110 section 4.2.3: names have no case
  const auto name = without_port(lower, port);
  if (name == "127.0.0.1") return {HostKind::viewer, {}};
  if (name == "localhost" || name == "[::1]") return {HostKind::alias, {}};
  if (!name.ends_with(suffix)) return {};
  auto peer = p2p::PeerId::from_label(name.substr(0, name.size() - suffix.size()));
  if (!peer) return {};
  return {HostKind::site, *peer};
}

std::string viewer_origin(std::uint16_t port) { return with_port("127.0.0.1", port); }

std::string site_origin(const p2p::PeerId& peer, std::uint16_t port) {
  return with_port(peer.to_cid_base36() + ".localhost", port);
}

std::string site_url(const p2p::PeerId& peer, std::uint16_t port) {
  return fmt::format("{}/p/{}/", site_origin(peer, port), peer.to_string());
}

}  // namespace goop::viewer
