// What the routes of the viewer work with, and how they phrase their answers.
#pragma once

#include "base/json.h"
#include "manual/manual.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "viewer/guard.h"
#include "viewer/headers.h"
#include "viewer/pages.h"
#include "viewer/viewer.h"

namespace goop::viewer {

struct Context {
  Context(Runtime& rt, ViewerPeer& who, ViewerOptions options);

  Runtime& runtime;
  ViewerPeer& peer;
  const AssetSet* assets;
  Sessions sessions;
  Pages pages;
  manual::Manual book;
  HeaderSets headers{0};
  std::uint16_t port = 0;
  std::string boot;  // begins every event id, so that those of an earlier run are known as such
  std::size_t event_streams = 0;
  const net::http::Server* server = nullptr;
  std::vector<std::uint32_t> users;

  LocalUser local_user(const net::PeerUser& user) const;
};

// One request that the guard has let through.
struct Exchange {
  net::http::Request& request;
  net::http::Match match;
  Visitor visitor;
  p2p::PeerId site;  // whose host it is; empty on the viewer's host
  LocalUser user = LocalUser::unknown;

  std::string_view language() const;
  bool wants_page() const;  // a person will look at the answer
};

net::http::Response json_answer(const Context& context, const json::Value& value);
net::http::Response redirect(const std::string& headers, std::string_view to);

// {"error", "code", "hint"} with `headers.api`.
net::http::Response api_error(const Context& context, int status, std::string_view code,
                              std::string_view text, std::string_view hint);

// As above, in the words of the error table.
net::http::Response error_answer(const Context& context, const Error& error);

// A page for people, a line of text for everything else; on either host. `words` names the page's
// texts (message.<words>.title); without it `code` does.
net::http::Response page_error(const Context& context, const net::http::Request& request,
                               const p2p::PeerId& site, int status, std::string_view code,
                               std::string_view detail, std::string_view words = {});

// The body as text. Errors: too_large.
Task<Result<std::string>> json_body(const Context& context, net::http::Request& request);

// The body as JSON of type T. Errors: invalid, too_large.
template <class T>
Task<Result<T>> body_as(const Context& context, net::http::Request& request) {
  auto text = co_await json_body(context, request);
  if (!text) co_return std::unexpected(std::move(text.error()));
  co_return json::parse_as<T>(*text);
}

namespace routes {

using net::http::Response;

Task<Response> site(Context& context, Exchange& exchange);
Response site_front(Context& context, Exchange& exchange);
Response site_gateway(Context& context, Exchange& exchange);  // the redirect
Response site_self(Context& context, Exchange& exchange);
Response not_built(Context& context, Exchange& exchange);
Response ask_first(Context& context, Exchange& exchange);

Response shell(Context& context, Exchange& exchange);
Response visit_page(Context& context, Exchange& exchange);
Response asset(Context& context, Exchange& exchange);
Response manual_page(Context& context, Exchange& exchange);

Task<Response> login(Context& context, Exchange& exchange);
Task<Response> visit(Context& context, Exchange& exchange);
Task<Response> ping(Context& context, Exchange& exchange);
Task<Response> perf(Context& context, Exchange& exchange);
Response peers(Context& context, Exchange& exchange);
Task<Response> favorite(Context& context, Exchange& exchange);
Task<Response> probe(Context& context, Exchange& exchange);
Task<Response> profile(Context& context, Exchange& exchange);
Task<Response> appearance(Context& context, Exchange& exchange);
Response self(Context& context, Exchange& exchange);
Response connections(Context& context, Exchange& exchange);
Response events(Context& context, Exchange& exchange);
Response status(Context& context, Exchange& exchange);
Task<Response> own_site(Context& context, Exchange& exchange);
Response open(Context& context, Exchange& exchange);

Response health(Context& context, Exchange& exchange);
Response ready(Context& context, Exchange& exchange);
Response metrics(Context& context, Exchange& exchange);

}  // namespace routes
}  // namespace goop::viewer
