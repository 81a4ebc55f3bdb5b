// /p/<peer>/<path>: files of a site, own or remote, as the SiteSource of that peer gives them.
#include "net/http/asset_answer.h"
#include "net/http/conditional.h"
#include "net/http/date.h"
#include "net/http/mime.h"
#include "viewer/context.h"
#include "viewer/errors.h"
#include "viewer/limits.h"

namespace goop::viewer::routes {
namespace {

namespace http = net::http;
namespace site = peer::site;
using wire::SiteRequest;
using wire::SiteStatus;

constexpr std::string_view missing_file = "404.html";

// A SiteBody as the HTTP server pulls it; keeps the reply, and so the stream, alive.
class ReplyBody final : public http::BodySource {
 public:
  explicit ReplyBody(std::unique_ptr<site::SiteBody> body) : body_(std::move(body)) {}
  Task<BytesView> next(Deadline by) override { return body_->next(by); }

 private:
  std::unique_ptr<site::SiteBody> body_;
};

SiteRequest site_request(const http::Request& request, wire::SitePath path) {
  SiteRequest wanted;
  wanted.path = std::move(path);
  if (request.method == http::Method::head) wanted.want = wire::SiteWant::head;
  if (const auto codings = request.field("Accept-Encoding")) {
    wanted.accept = {http::accepts_encoding(*codings, "gzip"),
                     http::accepts_encoding(*codings, "br")};
  }
  // What else a request says of tags and dates is judged by what comes back
  // (net/http/preconditions).
  const bool alone = request.fields.count("If-None-Match") == 1 && !request.field("If-Match") &&
                     !request.field("If-Unmodified-Since");
  if (const auto etags = request.field("If-None-Match"); etags && alone) {
    const auto etag = http::single_etag(*etags);
    if (wire::is_etag(etag)) wanted.if_none_match = etag;
  }
  const auto range = request.field("Range");
  if (!range || request.method != http::Method::get) return wanted;
  const auto parsed = http::parse_range(*range);
  if (!parsed) return wanted;
  if (const auto condition = request.field("If-Range")) {
    const auto etag = http::if_range_etag(*condition);
    if (!wire::is_etag(etag)) return wanted;  // a date: we cannot vouch for one, so the whole file
    wanted.if_range = etag;
  }
  wanted.range = wire::SiteRange{parsed->first, parsed->last, parsed->suffix};
  return wanted;
}

http::Response with_head(const std::string& headers, int status, const wire::SiteHead& head) {
  http::Response response(status);
  response.fields.reserve(1024);
  response.add_lines(headers);
  response.add_lines("Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n");
  if (!head.etag.empty()) response.add("ETag", fmt::format("\"{}\"", head.etag));
  if (head.modified) response.add("Last-Modified", http::http_date(*head.modified));
  return response;
}

// The answer for a reply whose body, if any, is still in `reply`.
http::Response answer(const std::string& headers, const SiteRequest& wanted,
                      site::SiteReply reply) {
  const auto& head = reply.head;
  if (head.status == SiteStatus::not_modified) return with_head(headers, 304, head);
  if (head.status == SiteStatus::unsatisfiable) {
    auto response = with_head(headers, 416, head);
    response.add("Content-Range", fmt::format("bytes */{}", head.total_size));
    return response;
  }
  const bool partial = head.status == SiteStatus::partial && head.range;
  auto response = with_head(headers, partial ? 206 : 200, head);
  response.add("Content-Type", http::better_mime(head.mime, wanted.path.text()));
  if (head.encoding != wire::SiteEncoding::identity) {
    response.add("Content-Encoding", name(head.encoding));
  } else if (!head.etag.empty()) {
    response.add_lines("Accept-Ranges: bytes\r\n");
  }
  if (partial) {
    response.add("Content-Range",
                 fmt::format("bytes {}-{}/{}", head.range->first,
                             head.range->first + head.range->size - 1, head.total_size));
  }
  const auto size = head.body_size;
  if (wanted.want == wire::SiteWant::head) {  // the length without the bytes
    response.body = http::Response::Pulled{nullptr, size};
  } else if (!reply.body) {
    response.body = std::string();
  } else if (reply.complete()) {
    const auto bytes = reply.body->ready();
    response.body =
        http::Response::Borrowed{std::shared_ptr<site::SiteBody>(std::move(reply.body)), bytes};
  } else {
    response.body =
        http::Response::Pulled{std::make_unique<ReplyBody>(std::move(reply.body)), size};
  }
  return response;
}

// The same address with a '/' behind its path, so that relative links work.
http::Response with_slash(const std::string& headers, const http::Target& target) {
  auto to = fmt::format("{}/", target.path);
  if (!target.query.empty()) to += fmt::format("?{}", target.query);
  return redirect(headers, to);
}

// The texts for a person whom the site gives nothing; empty: those of the code. The owner reads
// what to do.
std::string_view words_for(const SiteRequest& wanted, Errc code, bool own) {
  if (code == Errc::forbidden) return own ? "not_shown_own" : "not_shown";
  if (code != Errc::not_found || !wanted.path.directory()) return {};
  if (wanted.path.root()) return own ? "no_front_own" : "no_front";
  return "no_index";
}

// The site's own page for what it does not have; nothing: it has none.
Task<std::optional<http::Response>> missing_page(const std::string& headers, SiteRequest asked,
                                                 std::shared_ptr<site::SiteSource> source,
                                                 Deadline by) {
  SiteRequest wanted;
  wanted.path = or_raise(wire::SitePath::parse(missing_file));
  wanted.want = asked.want;
  wanted.accept = asked.accept;
  auto reply = co_await source->get(wanted, by);
  if (!reply || reply->head.status != SiteStatus::ok) co_return std::nullopt;
  // It is the answer for this address alone: no browser is to come back with its tag.
  reply->head.etag.clear();
  reply->head.modified.reset();
  auto response = answer(headers, wanted, std::move(*reply));
  response.status = 404;
  co_return response;
}

}  // namespace

Task<Response> site(Context& context, Exchange& exchange) {
  const auto& request = exchange.request;
  const bool own_host = !exchange.site.empty();
  const auto& headers = own_host ? context.headers.site : context.headers.sandbox;
  p2p::PeerId owner = exchange.site;
  if (!own_host) {
    const auto parsed = p2p::PeerId::parse(exchange.match.values[0]);
    if (!parsed) {
      co_return page_error(context, request, exchange.site, 404, "not_found", "no such peer id");
    }
    owner = *parsed;
  }
  if (request.target.segments.size() == 2) co_return with_slash(headers, request.target);
  auto path = wire::SitePath::from_url(exchange.match.rest);
  if (!path) {
    co_return page_error(context, request, exchange.site, status_of(path.error().code),
                         code_of(path.error().code), path.error().detail);
  }
  auto wanted = site_request(request, std::move(*path));
  const auto source = context.peer.site(owner);
  const auto by = Deadline::after(context.runtime.now(), limits::site_time);
  auto reply = co_await source->get(wanted, by);
  if (!reply) {
    const auto& error = reply.error();
    if (error.code == Errc::not_found && exchange.wants_page()) {
      auto own_page = co_await missing_page(headers, wanted, source, by);
      if (own_page) co_return std::move(*own_page);
    }
    const auto words = words_for(wanted, error.code, owner == context.peer.id());
    co_return page_error(context, request, exchange.site, status_of(error.code),
                         code_of(error.code), error.detail, words);
  }
  if (reply->head.status == SiteStatus::directory) co_return with_slash(headers, request.target);
  co_return answer(headers, wanted, std::move(*reply));
}

Response site_front(Context& context, Exchange& exchange) {
  return redirect(context.headers.site, fmt::format("/p/{}/", exchange.site.to_string()));
}

Response site_gateway(Context& context, Exchange& exchange) {
  const auto owner = p2p::PeerId::parse(exchange.match.values[0]);
  if (!owner) {
    return page_error(context, exchange.request, {}, 404, "not_found", "no such peer id");
  }
  auto to = site_url(*owner, context.port) + std::string(exchange.match.rest);
  const auto query = exchange.request.target.query;
  if (!query.empty()) to += fmt::format("?{}", query);
  return redirect(context.headers.page, to);
}

// What a site may know of who visits it: the id that its owner sees anyway, and the public name.
Response site_self(Context& context, Exchange&) {
  const json::Object body{{"id", context.peer.id().to_string()},
                          {"label", context.peer.self().label}};
  return json_answer(context, body);
}

// A script in place of the one that is missing says so on the page; whatever else asks gets an
// error.
Response not_built(Context& context, Exchange& exchange) {
  const auto path = exchange.request.target.path;
  const auto* script = context.assets ? context.assets->find("pages/not_built.js") : nullptr;
  if (!script || !path.starts_with("/sdk/") || !path.ends_with(".js")) {
    return api_error(context, 501, "not_built", "this part of the program is not built yet", "");
  }
  auto response = http::asset_answer(exchange.request, *script, http::Caching::check_back);
  response.add_lines(context.headers.site);
  return response;
}

Response ask_first(Context& context, Exchange& exchange) {
  const auto& target = exchange.request.target;
  auto path = fmt::format("/{}", exchange.match.rest);
  if (!target.query.empty()) path += fmt::format("?{}", target.query);
  return redirect(context.headers.site,
                  fmt::format("{}/visit?peer={}&path={}", viewer_origin(context.port),
                              exchange.site.to_string(), http::percent_encode(path)));
}

}  // namespace goop::viewer::routes
