// The operator's page: one shell for /admin and /admin/login, without data; what it shows it asks
// for itself.
#include "base/asset.h"
#include "rendezvous/context.h"

namespace goop::rendezvous::routes {
namespace {

constexpr std::string_view headers =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n";

}  // namespace

Response operator_page(Context& context, Exchange&) {
  const auto* assets = context.options.assets;
  const auto* shell = assets ? assets->find("index.html") : nullptr;
  if (!shell) return text_answer(404, "built without pages");
  Response response;
  response.add_lines(headers);
  response.add("Content-Type", shell->type);
  response.body = Response::Borrowed{nullptr, shell->bytes};
  return response;
}

Response operator_login_page(Context& context, Exchange& exchange) {
  if (!context.gate->on()) return text_answer(404, "there is no admin password");
  return operator_page(context, exchange);
}

}  // namespace goop::rendezvous::routes
