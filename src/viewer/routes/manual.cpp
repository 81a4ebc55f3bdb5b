// The manual, in the look of the viewer but without its shell: it can be read when signed out, too.
#include "manual/frame.h"
#include "viewer/context.h"

namespace goop::viewer::routes {

Response manual_page(Context& context, Exchange& exchange) {
  const auto language = exchange.language();
  const bool dutch = language == "nl";
  const auto shown =
      context.book.show(exchange.match.rest, exchange.request.target.query, language);
  std::vector<manual::Link> links{
      {"/", dutch ? "Ik" : "Me"},
      {"/peers", "Peers"},
      {std::string(manual::docs_path), dutch ? "Handleiding" : "Manual", true}};
  Response response(shown.status);
  response.add_lines(context.headers.page);
  response.text("text/html; charset=utf-8", manual::framed({.language = language,
                                                            .title = shown.title,
                                                            .home = "Goop²",
                                                            .links = std::move(links),
                                                            .footer = "Goop²",
                                                            .body = shown.body}));
  return response;
}

}  // namespace goop::viewer::routes
