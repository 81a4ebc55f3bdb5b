#include "viewer/context.h"

#include "net/http/conditional.h"
#include "viewer/errors.h"
#include "viewer/limits.h"

namespace goop::viewer {

using net::http::Request;
using net::http::Response;

Context::Context(Runtime& rt, ViewerPeer& who, ViewerOptions options)
    : runtime(rt),
      peer(who),
      assets(options.assets),
      sessions(rt, who.id(), std::move(options.control_token), std::move(options.sessions)),
      pages(options.assets),
      book(options.manual),
      boot(fmt::format("{:08x}", rt.random_u64() & 0xffffffff)),
      users(std::move(options.users)) {}

LocalUser Context::local_user(const net::PeerUser& user) const {
  using Kind = net::PeerUser::Kind;
  if (user.kind == Kind::unknown) return LocalUser::unknown;
  const bool is_owner =
      user.kind == Kind::user && std::ranges::find(users, user.uid) != users.end();
  return is_owner ? LocalUser::owner : LocalUser::stranger;
}

std::string_view Exchange::language() const {
  return Pages::language(request.field("Accept-Language").value_or(""));
}

namespace {

bool for_people(const Request& request) {
  const auto destination = request.field("Sec-Fetch-Dest");
  if (destination) return *destination == "document" || *destination == "iframe";
  return request.field("Accept").value_or("").find("text/html") != std::string_view::npos;
}

std::string_view cause_of(std::string_view code) {
  return code == "forbidden" || code == "too_large" ? "other" : code;
}

}  // namespace

bool Exchange::wants_page() const { return for_people(request); }

Response json_answer(const Context& context, const json::Value& value) {
  Response response;
  response.add_lines(context.headers.api);
  response.text("application/json", json::write(value) + "\n");
  return response;
}

Response redirect(const std::string& headers, std::string_view to) {
  Response response(302);
  response.add_lines(headers);
  response.add_lines("Cache-Control: no-store\r\n");
  response.add("Location", to);
  return response;
}

Response api_error(const Context& context, int status, std::string_view code, std::string_view text,
                   std::string_view hint) {
  Response response(status);
  response.add_lines(context.headers.api);
  const json::Object body{{"error", text}, {"code", code}, {"hint", hint}};
  response.text("application/json", json::write(body) + "\n");
  return response;
}

Response error_answer(const Context& context, const Error& error) {
  return api_error(context, status_of(error.code), code_of(error.code), error.detail,
                   hint_of(error.code));
}

Response page_error(const Context& context, const Request& request, const p2p::PeerId& site,
                    int status, std::string_view code, std::string_view detail,
                    std::string_view words) {
  Response response(status);
  const bool on_site = !site.empty();
  response.add_lines(on_site ? context.headers.site : context.headers.page);
  if (on_site) response.add_lines("Cache-Control: no-store\r\n");
  if (status == 503 || status == 504) response.add_lines("Retry-After: 5\r\n");
  if (!for_people(request)) {
    response.text("text/plain; charset=utf-8", fmt::format("{}\n", code));
    return response;
  }
  const auto lang = Pages::language(request.field("Accept-Language").value_or(""));
  const auto text = [&](std::string_view kind, std::string_view key, std::string_view end) {
    return context.pages.text(lang, fmt::format("{}.{}{}", kind, key, end),
                              fmt::format("{}.other{}", kind, end));
  };
  if (words.empty()) words = !on_site && code == "not_found" ? "nothing_here" : code;
  PageValues values{{"base", on_site ? "/.goop" : "/assets"}, {"detail", printable(detail)}};
  std::string_view page = "message.html";
  if (on_site && status >= 502) {
    page = "unreachable.html";
    values["peer"] = context.peer.display_name(site);
    values["peerID"] = site.to_string();
    values["cause"] = text("cause", cause_of(code), "");
    values["advice"] = text("advice", cause_of(code), "");
  } else {
    values["title"] = text("message", words, ".title");
    values["body"] = text("message", words, ".body");
    const bool to_front = on_site && words != "no_front" && words != "no_front_own";
    values["go"] =
        to_front ? fmt::format("/p/{}/", site.to_string()) : viewer_origin(context.port) + "/";
    values["goText"] = context.pages.text(lang, to_front ? "go.front" : "go.viewer", "");
  }
  response.text("text/html; charset=utf-8", context.pages.fill(page, lang, std::move(values)));
  return response;
}

Task<Result<std::string>> json_body(const Context& context, Request& request) {
  const auto by = Deadline::after(context.runtime.now(), limits::body_time);
  auto body = co_await request.read_body(limits::json_body_bytes, by);
  if (!body) co_return std::unexpected(std::move(body.error()));
  co_return to_text(*body);
}

}  // namespace goop::viewer
