#include "rendezvous/route_table.h"

#include <array>

#include "rendezvous/context.h"

namespace goop::rendezvous {
namespace {

using net::http::Method;
using net::http::Response;

Task<Response> at_once(Response response) { co_return response; }

// Handlers that wait for something and such that do not, as one kind. It is no coroutine: its frame
// would stay beside that of the handler.
template <auto handler>
Task<Response> by(Context& context, Exchange& exchange) {
  if constexpr (std::is_same_v<decltype(handler(context, exchange)), Response>) {
    return at_once(handler(context, exchange));
  } else {
    return handler(context, exchange);
  }
}

constexpr auto table = std::to_array<Route>({
    {Method::post, "/publish", Access::anybody, by<routes::publish>,
     "One presence message: online, update or offline", "204, 400, 409, 413, 429, 503"},
    {Method::get, "/events", Access::presence, by<routes::events>,
     "Presence as server-sent events; with mode=delta a snapshot and then changes only",
     "200 text/event-stream, 429, 503"},
    {Method::get, "/ws", Access::presence, by<routes::ws>,
     "Presence over WebSocket: ?peer_id=, or ?probe=1 to see whether it works; subprotocol "
     "goop.presence.delta",
     "101, 400, 403, 425, 429, 503"},
    {Method::get, "/healthz", Access::anybody, by<routes::health>, "Whether the server is there",
     "200 text/plain"},
    {Method::get, "/readyz", Access::anybody, by<routes::ready>,
     "Whether the server is fit for work, and its state in figures",
     "200 application/json, 503 application/json"},
    {Method::get, "/metrics", Access::anybody, by<routes::metrics>, "Counters for Prometheus",
     "200 text/plain"},
    {Method::get, "/peers.json", Access::admin, by<routes::peers>, "Who is here",
     "200 application/json, 401, 403"},
    {Method::get, "/logs.json", Access::admin, by<routes::logs>, "The newest lines of the log",
     "200 application/json, 401, 403"},
    {Method::get, "/admin", Access::admin_page, by<routes::operator_page>, "The operator's page",
     "200 text/html, 303, 403"},
    {Method::get, "/admin/login", Access::anybody, by<routes::operator_login_page>,
     "Where the operator logs in", "200 text/html, 404"},
    {Method::post, "/api/operator/login", Access::anybody, by<routes::operator_login>,
     "Opens a session: {password} gives a cookie and {token} for the field X-Goop-Session",
     "200 application/json, 400, 401, 403, 428 application/json, 503"},
    {Method::post, "/api/operator/logout", Access::admin, by<routes::operator_logout>,
     "Ends the session", "204, 401, 403"},
    {Method::get, "/api/operator/state", Access::admin, by<routes::operator_state>,
     "The server in figures, and samples after number ?after= of the last half hour",
     "200 application/json, 401, 403"},
    {Method::get, "/api/operator/peers", Access::admin, by<routes::operator_peers>,
     "Who is here, by label: the first ?room= of those that ?search= finds",
     "200 application/json, 400, 401, 403"},
    {Method::get, "/api/operator/blocked", Access::admin, by<routes::operator_blocked>,
     "Who is blocked", "200 application/json, 401, 403"},
    {Method::post, "/api/operator/kick", Access::admin, by<routes::operator_kick>,
     "Takes {peerID} off the board and closes its sockets",
     "200 application/json, 400, 401, 403, 404"},
    {Method::post, "/api/operator/block", Access::admin, by<routes::operator_block>,
     "Kicks {peerID} and refuses what it says from now on",
     "200 application/json, 400, 401, 403, 409, 503"},
    {Method::post, "/api/operator/unblock", Access::admin, by<routes::operator_unblock>,
     "Takes {peerID} off the list of the blocked", "200 application/json, 400, 401, 403, 503"},
    {Method::get, "/register", Access::anybody, by<routes::register_form>,
     "The form for an e-mail address, where this server asks for one", "200 text/html, 404, 503"},
    {Method::post, "/register", Access::anybody, by<routes::register_ask>,
     "Ask for a mail with a link; the answer is the same for known and unknown addresses",
     "200 text/html, 400, 403, 404, 413, 415, 429, 503"},
    {Method::get, "/verify", Access::anybody, by<routes::verify_page>,
     "The page behind the link of the mail; it changes nothing", "200 text/html, 400, 404, 503"},
    {Method::post, "/verify", Access::anybody, by<routes::verify>, "Confirm the address",
     "200 text/html, 400, 403, 404, 413, 415, 503"},
    {Method::get, "/registrations.json", Access::admin, by<routes::registrations>,
     "Who has registered, the newest first", "200 application/json, 401, 403"},
    {Method::get, "/api/capabilities", Access::anybody, by<routes::capabilities>,
     "Which services this server offers", "200 application/json"},
    {Method::get, "/api/openapi.json", Access::anybody, by<routes::openapi>,
     "This description of the API", "200 application/json"},
    {Method::get, "/relay", Access::anybody, by<routes::relay>, "The relay, where there is one",
     "404"},
    {Method::get, "/relay-status.json", Access::admin, by<routes::relay_status>,
     "Who uses the relay: nobody, as there is none yet", "200 application/json, 401, 403"},
    {Method::get, "/accounts.json", Access::admin, by<routes::accounts>,
     "Accounts of the credits service: none, as there is none yet",
     "200 application/json, 401, 403"},
    {Method::get, "/api/services/logs", Access::admin, by<routes::service_logs>,
     "Logs of the services: none, as there are none yet", "200 application/json, 401, 403"},
    {Method::get, "/", Access::anybody, by<routes::front>,
     "What this server is, who wants to be seen on it, how to join", "200 text/html"},
    {Method::get, "/docs", Access::anybody, by<routes::manual_front>, "Leads to /docs/", "308"},
    {Method::get, "/docs/{path...}", Access::anybody, by<routes::manual_page>,
     "A page of the manual, or search?q= in it; names of the reference program's manual lead to "
     "ours",
     "200 text/html, 302, 404 text/html"},
    {Method::get, "/favicon.ico", Access::anybody, by<routes::favicon>, "The icon",
     "200 image/svg+xml, 304, 404"},
    {Method::get, "/assets/{path...}", Access::anybody, by<routes::asset>,
     "What pages are made of: style, script, pictures", "200, 304, 404"},
});

}  // namespace

std::span<const Route> route_table() { return table; }

}  // namespace goop::rendezvous
