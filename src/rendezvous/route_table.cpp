#include "rendezvous/route_table.h"

#include <array>

namespace goop::rendezvous {
namespace {

using net::http::Method;

constexpr auto table = std::to_array<Route>({
    {RouteId::publish, Method::post, "/publish", Access::anybody,
     "One presence message: online, update or offline", "204, 400, 409, 413, 429, 503"},
    {RouteId::events, Method::get, "/events", Access::anybody,
     "Presence as server-sent events; with mode=delta a snapshot and then changes only",
     "200 text/event-stream, 429, 503"},
    {RouteId::ws, Method::get, "/ws", Access::anybody,
     "Presence over WebSocket: ?peer_id=, or ?probe=1 to see whether it works; subprotocol "
     "goop.presence.delta",
     "101, 400, 403, 425, 429, 503"},
    {RouteId::health, Method::get, "/healthz", Access::anybody, "Whether the server is there",
     "200 text/plain"},
    {RouteId::ready, Method::get, "/readyz", Access::anybody,
     "Whether the server is fit for work, and its state in figures",
     "200 application/json, 503 application/json"},
    {RouteId::metrics, Method::get, "/metrics", Access::anybody, "Counters for Prometheus",
     "200 text/plain"},
    {RouteId::peers, Method::get, "/peers.json", Access::admin, "Who is here",
     "200 application/json, 401, 403"},
    {RouteId::logs, Method::get, "/logs.json", Access::admin, "The newest lines of the log",
     "200 application/json, 401, 403"},
    {RouteId::admin, Method::get, "/admin", Access::admin_page, "The operator's page",
     "200 text/html, 303, 403"},
    {RouteId::admin_login, Method::get, "/admin/login", Access::anybody,
     "Where the operator logs in", "200 text/html, 404"},
    {RouteId::operator_login, Method::post, "/api/operator/login", Access::anybody,
     "Opens a session: {password} gives a cookie and {token} for the field X-Goop-Session",
     "200 application/json, 400, 401, 403, 429, 503"},
    {RouteId::operator_logout, Method::post, "/api/operator/logout", Access::admin,
     "Ends the session", "204, 401, 403"},
    {RouteId::operator_state, Method::get, "/api/operator/state", Access::admin,
     "The server in figures, and samples after number ?after= of the last half hour",
     "200 application/json, 401, 403"},
    {RouteId::operator_peers, Method::get, "/api/operator/peers", Access::admin,
     "Who is here, by label: the first ?room= of those that ?search= finds",
     "200 application/json, 400, 401, 403"},
    {RouteId::operator_blocked, Method::get, "/api/operator/blocked", Access::admin,
     "Who is blocked", "200 application/json, 401, 403"},
    {RouteId::operator_kick, Method::post, "/api/operator/kick", Access::admin,
     "Takes {peerID} off the board and closes its sockets",
     "200 application/json, 400, 401, 403, 404"},
    {RouteId::operator_block, Method::post, "/api/operator/block", Access::admin,
     "Kicks {peerID} and refuses what it says from now on",
     "200 application/json, 400, 401, 403, 409, 503"},
    {RouteId::operator_unblock, Method::post, "/api/operator/unblock", Access::admin,
     "Takes {peerID} off the list of the blocked", "200 application/json, 400, 401, 403, 503"},
    {RouteId::register_form, Method::get, "/register", Access::anybody,
     "The form for an e-mail address, where this server asks for one", "200 text/html, 404, 503"},
    {RouteId::register_ask, Method::post, "/register", Access::anybody,
     "Ask for a mail with a link; the answer is the same for known and unknown addresses",
     "200 text/html, 400, 403, 404, 413, 415, 429, 503"},
    {RouteId::verify_page, Method::get, "/verify", Access::anybody,
     "The page behind the link of the mail; it changes nothing", "200 text/html, 400, 404, 503"},
    {RouteId::verify, Method::post, "/verify", Access::anybody, "Confirm the address",
     "200 text/html, 400, 403, 404, 413, 415, 503"},
    {RouteId::registrations, Method::get, "/registrations.json", Access::admin,
     "Who has registered, the newest first", "200 application/json, 401, 403"},
    {RouteId::capabilities, Method::get, "/api/capabilities", Access::anybody,
     "Which services this server offers", "200 application/json"},
    {RouteId::openapi, Method::get, "/api/openapi.json", Access::anybody,
     "This description of the API", "200 application/json"},
    {RouteId::relay, Method::get, "/relay", Access::anybody, "The relay, where there is one",
     "404"},
    {RouteId::front, Method::get, "/", Access::anybody,
     "What this server is, who wants to be seen on it, how to join", "200 text/html"},
    {RouteId::manual_front, Method::get, "/docs", Access::anybody, "Leads to /docs/", "308"},
    {RouteId::manual, Method::get, "/docs/{path...}", Access::anybody,
     "A page of the manual, or search?q= in it", "200 text/html, 404 text/html"},
    {RouteId::asset, Method::get, "/assets/{path...}", Access::anybody,
     "What pages are made of: style, script, pictures", "200, 304, 404"},
});

}  // namespace

std::span<const Route> route_table() { return table; }

}  // namespace goop::rendezvous
