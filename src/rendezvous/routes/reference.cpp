// Routes of the reference server for parts that are not here (relay, services): answered as that
// server answers where it has none of them, so that its tools and bookmarks go on working.
#include "net/http/asset_answer.h"
#include "rendezvous/context.h"
#include "rendezvous/pages/not_found.h"

namespace goop::rendezvous::routes {

Response relay_status(Context&, Exchange&) {
  return json_answer(json::Object{{"peers", json::Array{}}, {"logs", json::Array{}}});
}

Response accounts(Context&, Exchange&) { return json_answer(json::Array{}); }

Response service_logs(Context&, Exchange&) { return json_answer(json::Array{}); }

// Browsers that saw no page of ours ask for it.
Response favicon(Context& context, Exchange& exchange) {
  const auto* files = context.options.assets;
  const auto* icon = files ? files->find("assets/icon.svg") : nullptr;
  if (!icon) return not_found_answer(context, exchange.request);
  auto response = net::http::asset_answer(exchange.request, *icon, net::http::Caching::check_back);
  response.add_lines("X-Content-Type-Options: nosniff\r\n");
  return response;
}

}  // namespace goop::rendezvous::routes
