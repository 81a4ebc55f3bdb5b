#include "rendezvous/pages/page.h"

#include "manual/frame.h"
#include "net/http/escape.h"

namespace goop::rendezvous {
namespace {

constexpr std::string_view headers =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"  // without it a form of ours has no Origin
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
    "script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n"
    "Vary: Accept-Language\r\n";

}  // namespace

std::string_view language_of(const net::http::Request& request) {
  return manual::choose_language(request.field("Accept-Language").value_or(""));
}

std::string line_to_copy(std::string_view line, std::string_view button) {
  return fmt::format(
      "<div class=\"copy\"><code>{}</code>"
      "<button type=\"button\" hidden data-copy>{}</button></div>\n",
      net::http::escape_html(line), button);
}

net::http::Response page_answer(const Context& context, const Page& page) {
  const bool dutch = page.language == "nl";
  std::vector<manual::Link> links{{"/docs/", dutch ? "Handleiding" : "Manual"}};
  if (context.options.registration.required) {
    links.push_back({"/register", dutch ? "Aanmelden" : "Register"});
  }
  if (!context.options.admin_password.empty()) {
    links.push_back({"/admin", dutch ? "Beheer" : "Admin"});
  }
  for (auto& link : links) link.current = link.href == page.part;
  const auto footer = fmt::format("Goop² {}", context.options.version);
  net::http::Response response(page.status);
  response.add_lines(headers);
  response.text("text/html; charset=utf-8",
                manual::framed({.language = page.language,
                                .title = page.title,
                                .home = dutch ? "Goop²-server" : "Goop² server",
                                .links = std::move(links),
                                .footer = footer,
                                .body = page.body}));
  return response;
}

}  // namespace goop::rendezvous
