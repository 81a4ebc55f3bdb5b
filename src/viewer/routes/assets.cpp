// The pages that the program carries inside itself, and what they are made of.
#include "net/http/asset_answer.h"
#include "viewer/context.h"

namespace goop::viewer::routes {
namespace http = net::http;

Response shell(Context& context, Exchange& exchange) {
  const auto* page = context.assets ? context.assets->find("index.html") : nullptr;
  if (!page) {
    return page_error(context, exchange.request, {}, 404, "not_found", "built without pages");
  }
  Response response;
  response.add_lines(context.headers.page);
  response.add("Content-Type", page->type);
  response.body = Response::Borrowed{nullptr, page->bytes};
  return response;
}

// Before a site that somebody else's link leads to. Text from the link is shown, never acted on:
// the button needs the person, their session and a POST.
Response visit_page(Context& context, Exchange& exchange) {
  const auto query = exchange.request.target.query;
  const auto peer = p2p::PeerId::parse(http::query_value(query, "peer").value_or(""));
  const auto path = http::query_value(query, "path").value_or("/");
  if (!peer || !is_utf8(path)) {
    return page_error(context, exchange.request, {}, 400, "invalid", "not a peer's address");
  }
  PageValues values{{"base", "/assets"},
                    {"peer", context.peer.display_name(*peer)},
                    {"peerID", peer->to_string()},
                    {"address", peer->to_string()},
                    {"path", path}};
  Response response;
  response.add_lines(context.headers.page);
  response.text("text/html; charset=utf-8",
                context.pages.fill("visit.html", exchange.language(), std::move(values)));
  return response;
}

// /assets/… on the viewer's host, /.goop/… (files of the small pages alone) on a site's. Vite's
// file names carry a hash of their content; the small pages' files do not.
Response asset(Context& context, Exchange& exchange) {
  const bool on_site = !exchange.site.empty();
  const auto name = exchange.match.values[0];
  const auto in_set = [&](std::string_view folder) {
    return context.assets ? context.assets->find(fmt::format("{}/{}", folder, name)) : nullptr;
  };
  const bool public_kind =
      name.ends_with(".css") || name.ends_with(".js") || name.ends_with(".svg");
  const auto* built = on_site ? nullptr : in_set("assets");
  const auto* found = !built && public_kind ? in_set("pages") : built;
  if (!found) {
    return page_error(context, exchange.request, exchange.site, 404, "not_found", "no such file");
  }
  auto response = http::asset_answer(exchange.request, *found,
                                     built ? http::Caching::forever : http::Caching::check_back);
  response.add_lines(on_site ? context.headers.site : context.headers.base);
  return response;
}

}  // namespace goop::viewer::routes
