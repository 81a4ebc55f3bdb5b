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

// Pages of the reference program's manual, by which links and bookmarks know it.
constexpr std::pair<std::string_view, std::string_view> reference_pages[] = {
    {"overview", "/docs/"}, {"quickstart", "/docs/first-steps"}, {"connecting", "/docs/hosting"}};

Response lead_to(std::string_view place, int status) {
  Response response(status);
  response.add("Location", place);
  return response;
}

}  // namespace

Response front(Context& context, Exchange& exchange) {
  const auto language = language_of(exchange.request);
  return page_answer(context, {.title = context.front->title(language),
                               .body = context.front->body(language),
                               .language = std::string(language)});
}

Response manual_front(Context&, Exchange&) { return lead_to(manual::docs_path, 308); }

Response manual_page(Context& context, Exchange& exchange) {
  const auto page = rest_of(exchange, manual::docs_path);
  for (const auto& [name, ours] : reference_pages) {
    if (page == name) return lead_to(ours, 302);
  }
  const auto language = language_of(exchange.request);
  auto shown = context.book->show(page, exchange.request.target.query, language);
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
