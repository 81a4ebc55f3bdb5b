// The pages that the program carries inside itself, and what they are made of.
#include "net/http/conditional.h"
#include "viewer/context.h"

namespace goop::viewer::routes {
namespace {

namespace http = net::http;

// Vite's file names carry a hash of their content; the small pages' files do not.
constexpr std::string_view forever = "Cache-Control: public, max-age=31536000, immutable\r\n";
constexpr std::string_view check_back = "Cache-Control: no-cache\r\n";

Response file(const std::string& headers, std::string_view caching, const http::Request& request,
              const Asset& asset) {
  const bool packed = !asset.brotli.empty() &&
                      http::accepts_encoding(request.field("Accept-Encoding").value_or(""), "br");
  const auto etag = fmt::format("{}{}", asset.sha256.substr(0, 32), packed ? "-br" : "");
  const bool known = http::none_match_hits(request.field("If-None-Match").value_or(""), etag);
  Response response(known ? 304 : 200);
  response.add_lines(headers);
  response.add_lines(caching);
  response.add_lines("Vary: Accept-Encoding\r\n");
  response.add("ETag", fmt::format("\"{}\"", etag));
  if (known) return response;
  response.add("Content-Type", asset.type);
  if (packed) response.add_lines("Content-Encoding: br\r\n");
  response.body = Response::Borrowed{nullptr, packed ? asset.brotli : asset.bytes};
  return response;
}

}  // namespace

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

// /assets/… on the viewer's host, /.goop/… (files of the small pages alone) on a site's.
Response asset(Context& context, Exchange& exchange) {
  const bool on_site = !exchange.site.empty();
  const auto& headers = on_site ? context.headers.site : context.headers.base;
  const auto name = exchange.match.values[0];
  if (context.assets && !on_site) {
    const auto* built = context.assets->find(fmt::format("assets/{}", name));
    if (built) return file(headers, forever, exchange.request, *built);
  }
  const bool public_kind = name.ends_with(".css") || name.ends_with(".js");
  if (context.assets && public_kind) {
    const auto* of_pages = context.assets->find(fmt::format("pages/{}", name));
    if (of_pages) return file(headers, check_back, exchange.request, *of_pages);
  }
  return page_error(context, exchange.request, exchange.site, 404, "not_found", "no such file");
}

}  // namespace goop::viewer::routes
