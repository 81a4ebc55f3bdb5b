// Which host a request was sent to, and what the hosts of this viewer are called.
//
// The viewer's own host is exactly 127.0.0.1:<port>. A site has a host of its own,
// <label>.localhost:<port>, whose label is the peer's id as base36 CIDv1: browsers treat two such
// hosts as two sites. `localhost` and `[::1]` are other names of this machine that only redirect.
// Everything else is foreign, whatever address it resolved to (DNS rebinding).
//
// Pure.   See docs/dev/decisions/0003-origin-per-site.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "p2p/multi/peer_id.h"

namespace goop::viewer {

enum class HostKind { viewer, alias, site, foreign };

struct HostClass {
  HostKind kind = HostKind::foreign;
  p2p::PeerId site;  // with HostKind::site
};

// `host` as in the Host field, in capital or small letters. Only canonical spellings count: the
// exact port (which is left out, as browsers do, when it is 80), the canonical label.
HostClass classify_host(std::string_view host, std::uint16_t port);

std::string viewer_origin(std::uint16_t port);  // "http://127.0.0.1:7777"
std::string site_origin(const p2p::PeerId& peer,
                        std::uint16_t port);                        // "http://k51….localhost:7777"
std::string site_url(const p2p::PeerId& peer, std::uint16_t port);  // its front page, ends in '/'

}  // namespace goop::viewer
