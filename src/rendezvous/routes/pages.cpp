// What people see in a browser: the front page, the manual, and the files that pages are made of.
#include "manual/manual.h"
#include "net/http/asset_answer.h"
#include "rendezvous/context.h"
#include "rendezvous/pages/front.h"
#include "rendezvous/pages/page.h"

namespace goop::rendezvous::routes {
namespace {

constexpr std::string_view assets_path = "/assets/";

// What the request's path has behind `before`, as sent.
std::string_view rest_of(const Exchange& exchange, std::string_view before) {
  return exchange.request.target.path.substr(before.size());
}

}  // namespace

Response front(Context& context, Exchange& exchange) {
  const auto language = language_of(exchange.request);
  return page_answer(context, {.title = context.front->title(language),
                               .body = context.front->body(language),
                               .language = std::string(language)});
}

Response manual_front(Context&, Exchange&) {
  Response response(308);
  response.add("Location", manual::docs_path);
  return response;
}

Response manual_page(Context& context, Exchange& exchange) {
  const auto language = language_of(exchange.request);
  auto shown = context.book->show(rest_of(exchange, manual::docs_path),
                                  exchange.request.target.query, language);
  return page_answer(context, {.title = std::move(shown.title),
                               .body = std::move(shown.body),
                               .status = shown.status,
                               .language = std::string(language),
                               .part = manual::docs_path});
}

// Not for pages of other sites, and never shown as a page.
Response asset(Context& context, Exchange& exchange) {
  const auto* files = context.options.assets;
  const auto name = fmt::format("assets/{}", rest_of(exchange, assets_path));
  const auto* file = files ? files->find(name) : nullptr;
  if (!file) return text_answer(404, "not found");
  auto response = net::http::asset_answer(exchange.request, *file, net::http::Caching::check_back);
  response.add_lines(
      "X-Content-Type-Options: nosniff\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
  return response;
}

}  // namespace goop::rendezvous::routes
