#include "rendezvous/entrance.h"

#include "net/network_prefix.h"
#include "rendezvous/pages/not_found.h"

namespace goop::rendezvous {

using net::http::Match;
using net::http::Method;
using net::http::Request;
using net::http::Response;

namespace {

Response refuse_browser(Guard::Verdict verdict) {
  if (verdict == Guard::Verdict::foreign_page) {
    return text_answer(403, "not for other sites' pages");
  }
  return text_answer(421,
                     "this server does not go by the name that you came with: use its address, or "
                     "let its operator set presence.external_url");
}

// Of one whom the gate does not know.
Response unauthorized(const Route& route, const Request& request) {
  if (route.access == Access::admin_page) {
    Response response(303);
    response.add_lines(
        "Location: /admin/login\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
    return response;
  }
  auto response = text_answer(401, "unauthorized");
  // A program and an address typed in are asked for a password. Our own page asks in its own words,
  // and no other page shall make the browser ask.
  const bool by_page = request.field("X-Goop-Session") || request.field("Origin") ||
                       request.field("Sec-Fetch-Mode").value_or("navigate") != "navigate";
  if (!by_page) response.add("WWW-Authenticate", "Basic realm=\"Goop2 Admin\"");
  return response;
}

}  // namespace

Entrance::Entrance(Context& context) : context_(context), guard_(context.options.external_url) {
  const auto table = route_table();
  for (std::size_t i = 0; i < table.size(); ++i) router_.add(table[i].method, table[i].pattern, i);
}

// Nothing: it is the operator, who may do this.
Task<std::optional<Response>> Entrance::refuse_stranger(const Route& route,
                                                        const Exchange& exchange) {
  const auto& request = exchange.request;
  auto& gate = *context_.gate;
  if (route.access == Access::admin_page && gate.shows_page(request)) co_return std::nullopt;
  const auto verdict = co_await gate.ask(request, exchange.asker());
  switch (verdict) {
    case AdminGate::Verdict::switched_off:
      co_return text_answer(403, "there is no admin password (presence.admin_password)");
    case AdminGate::Verdict::puzzle:
      if (route.access == Access::admin_page) co_return unauthorized(route, request);
      co_return puzzle_answer(context_);
    case AdminGate::Verdict::busy:
      co_return busy_answer(503, "too many people log in", 1s);
    case AdminGate::Verdict::unknown:
      co_return unauthorized(route, request);
    case AdminGate::Verdict::session:
    case AdminGate::Verdict::basic:
      break;
  }
  const bool acts = route.method != Method::get;
  if (acts && !gate.may_act(request, verdict)) co_return text_answer(403, "not from here");
  co_return std::nullopt;
}

net::http::ClientKey Entrance::key_of(const Request& request) const {
  const auto client = client_address(request, proxies_);
  if (proxies_.contains(client)) return {fmt::format("{}", request.remote)};
  return {net::network_of(client, net::prefix::network).to_string()};
}

Task<Response> Entrance::answer(Request& request) {
  const auto match = router_.match(request.method, request.target);
  if (match.kind == Match::Kind::none) co_return not_found_answer(context_, request);
  if (match.kind == Match::Kind::wrong_method) {
    auto response = text_answer(405, "method not allowed");
    response.add("Allow", match.allow);
    co_return response;
  }
  const auto& route = route_table()[match.route];
  const auto guarded = guard_.ask(route, request);
  if (guarded != Guard::Verdict::pass) co_return refuse_browser(guarded);
  const auto address = client_address(request, proxies_);
  Exchange exchange{request, address, counted_as(address)};
  if (route.is_operators()) {
    auto refused = co_await refuse_stranger(route, exchange);
    if (refused) co_return *std::move(refused);
  }
  co_return co_await route.handler(context_, exchange);
}

}  // namespace goop::rendezvous
