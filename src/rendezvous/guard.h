// What a browser may be used for against this server.
//
// The server is public, and whoever publishes or listens needs no permission. But a browser also
// works for pages of other sites: with its owner's address, in networks that they cannot reach,
// and with a login that it remembers. So what changes something, what tells who is here, and what
// is the operator's alone is answered to a browser only when a page of this server asks, under a
// name that is ours. A name that is not ours may be another site's that leads here (DNS
// rebinding), and then the browser takes that site's pages for ours; nobody can do so with an IP
// address, with `localhost`, or with the name of external_url.
//
//                                         │ another site's page │ under a foreign name
//   reading what is for everybody         │ answered (no CORS)  │ answered
//   publish, events, ws, forms            │ 403                 │ 421, to a browser
//   the operator's                        │ 403, but a link may │ 421
//                                         │ lead to its pages   │
//
// Who the operator is decides AdminGate; this comes before it.
//
// Pure.
#pragma once

#include <string>

#include "net/http/message.h"
#include "rendezvous/route_table.h"

namespace goop::rendezvous {

class Guard {
 public:
  explicit Guard(std::string_view external_url);  // as in Options; may be empty

  enum class Verdict { pass, foreign_page, foreign_name };
  Verdict ask(const Route& route, const net::http::Request& request) const;

 private:
  bool is_own_name(std::string_view host) const;
  bool is_own_origin(std::string_view origin, std::string_view host) const;
  bool from_foreign_page(const net::http::Request& request) const;

  std::string own_name_, own_origin_;  // of external_url
};

}  // namespace goop::rendezvous
