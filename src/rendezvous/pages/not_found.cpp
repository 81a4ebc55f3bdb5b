#include "rendezvous/pages/not_found.h"

#include "rendezvous/pages/page.h"

namespace goop::rendezvous {
namespace {

struct Words {
  std::string_view title, lead, front;
};
constexpr Words english{"There is nothing here", "This server has no page under this address.",
                        "To the front page"};
constexpr Words dutch{"Hier is niets", "Deze server heeft onder dit adres geen pagina.",
                      "Naar de voorpagina"};

}  // namespace

net::http::Response not_found_answer(const Context& context, const net::http::Request& request) {
  const bool page =
      request.field("Accept").value_or("").find("text/html") != std::string_view::npos;
  if (!page) return json_answer(json::Object{{"error", "not found"}}, 404);
  const auto language = language_of(request);
  const auto& words = language == "nl" ? dutch : english;
  auto body = fmt::format("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<p><a href=\"/\">{}</a></p>\n",
                          words.title, words.lead, words.front);
  return page_answer(context, {.title = std::string(words.title),
                               .body = std::move(body),
                               .status = 404,
                               .language = std::string(language)});
}

}  // namespace goop::rendezvous
