// Who is asking, and may they? Decided for every request before anything else happens.
//
// Browsers say where a request comes from (Origin, Sec-Fetch-*) and a page cannot lie about it;
// programs that are no browsers say nothing, and are told apart by a secret. From that and the
// route's `Who` (route_table.h) follows one verdict.
//
//   1. A foreign Host is 421. The machine's other names redirect to the viewer's host.
//   2. Requests for a service worker's script are 403 everywhere: it would outlive its site.
//   3. What is the owner's alone is refused to other users of this computer, whatever they send:
//      the kernel says whose a connection is (net/peer_user.h).
//   4. The rule of the route. What another web page causes, other than a person going somewhere,
//      is refused, and who comes to a site never visited from anywhere else is asked first.
//
// Pure.   See SECURITY.md and docs/dev/decisions/0003-origin-per-site.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http/message.h"
#include "viewer/origin.h"
#include "viewer/route_table.h"

namespace goop::viewer {

// Who runs the program that asks.
enum class LocalUser {
  owner,     // the user who runs the peer, root, or one whom viewer.users names
  stranger,  // nobody of these
  unknown,   // the kernel does not say: the secrets alone count
};

// What a request says of where it comes from, and what was found out about its secrets.
struct Facts {
  net::http::Method method = net::http::Method::get;
  std::optional<std::string_view> origin, fetch_site, fetch_mode, fetch_dest;
  bool fetch_metadata = false;  // any Sec-Fetch-* field
  bool prefetch = false;        // Sec-Purpose or Purpose says so
  bool service_worker = false;  // Service-Worker: script
  bool json = false;            // Content-Type: application/json
  bool session = false;         // cookie and header secret belong to one live session
  bool control = false;         // the bearer token is right
  LocalUser user = LocalUser::unknown;
};
Facts facts_of(const net::http::Request& request);  // all but session, control, user

enum class Visitor {
  nobody,   // nothing is known of them, and nothing is given that would need it
  page,     // a page of the viewer, with a session
  control,  // the command line
  site,     // a page of the site whose host this is, or a person who goes there
  program,  // no browser, without a secret
};

struct Verdict {
  enum class Kind {
    allow,
    refuse,     // with `status`
    ask_first,  // allowed if the peer was visited before; else the person is asked
    to_site,    // redirect to the site's own host
  };
  Kind kind = Kind::refuse;
  Visitor visitor = Visitor::nobody;
  int status = 403;
  std::string_view reason;
  std::string_view code = {};  // of the refusal; empty: that of the status

  bool operator==(const Verdict&) const = default;
};

// For a request to one of the viewer's or the sites' hosts. `own_origin` is the origin of the host
// that the request was sent to.
Verdict decide(Who who, const Facts& facts, std::string_view own_origin);

// What holds for every request, whatever its route: a status to refuse with, or nothing.
std::optional<int> refuse_early(HostKind host, const Facts& facts);

}  // namespace goop::viewer
