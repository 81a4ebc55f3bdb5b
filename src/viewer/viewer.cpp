#include "viewer/viewer.h"

#include <unordered_map>

#include "base/log.h"
#include "viewer/context.h"
#include "viewer/errors.h"
#include "viewer/limits.h"

namespace goop::viewer {

namespace http = net::http;
using http::Request;
using http::Response;

class Viewer::Impl {
 public:
  Impl(Runtime& runtime, net::Network& network, ViewerPeer& peer, ViewerOptions options);

  Result<void> listen(std::uint16_t port);
  void serve(std::unique_ptr<net::Listener> listener, std::uint16_t port);

  Context context;
  http::Server server;

 private:
  // A host that was asked for, with what is worked out only once for it.
  struct Host {
    HostClass kind;
    std::string origin;   // of the viewer or the site
    std::string peer_id;  // of the site, in the spelling of its URLs
  };
  const Host& host(std::string_view name);

  struct Refusal {
    int status;
    std::string_view code, text, hint;
  };
  static Refusal refusal_of(const Verdict& verdict);
  static Refusal plain(int status) {
    return {status, code_of_status(status), http::reason(status), ""};
  }

  Task<Response> handle(Request& request);
  Task<Response> dispatch(const Route& route, Exchange& exchange);
  Response refused(const Request& request, const p2p::PeerId& site, const Refusal& refusal) const;
  Response failed(const Request& request, const Error& error);
  Response to_viewer(const Request& request) const;

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  net::Network& network_;
  http::Router viewer_routes_, site_routes_;
  std::unordered_map<std::string, Host, TextHash, std::equal_to<>> hosts_;
  Host foreign_;
};

namespace {

// Every user of this computer can connect; places are shared among users, not networks, and the
// owner's are given up last.
http::ClientKey key_of(const net::PeerUser& user) {
  switch (user.kind) {
    case net::PeerUser::Kind::user:
      return {fmt::format("user {}", user.uid)};
    case net::PeerUser::Kind::stranger:
      return {"strangers"};
    case net::PeerUser::Kind::unknown:
      break;
  }
  return {"unknown"};
}

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.name = "viewer";
  options.own_fields = HeaderSets(0).base;
  options.users = true;
  return options;
}

}  // namespace

Viewer::Impl::Impl(Runtime& runtime, net::Network& network, ViewerPeer& peer, ViewerOptions options)
    : context(runtime, peer, std::move(options)),
      server(
          runtime,
          [this] {
            auto made = server_options();
            made.cookies = {context.sessions.cookie_name()};
            made.client_key = [this](const Request& request) {
              auto key = key_of(request.user);
              const bool owner = context.local_user(request.user) == LocalUser::owner;
              if (owner) key.standing = Standing::known;
              return key;
            };
            made.failed = [this](const Request& request, const Error& error) {
              return failed(request, error);
            };
            return made;
          }(),
          [this](Request& request) { return handle(request); }),
      network_(network) {
  context.server = &server;
  const auto table = route_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& route = table[i];
    if (route.host != OnHost::site) viewer_routes_.add(route.method, route.pattern, i);
    if (route.host != OnHost::viewer) site_routes_.add(route.method, route.pattern, i);
  }
}

// --- one request ---

const Viewer::Impl::Host& Viewer::Impl::host(std::string_view name) {
  if (const auto known = hosts_.find(name); known != hosts_.end()) return known->second;
  const auto kind = classify_host(name, context.port);
  if (kind.kind == HostKind::foreign) return foreign_;
  if (hosts_.size() >= limits::known_sites) hosts_.clear();
  auto& made = hosts_[std::string(name)];
  made.kind = kind;
  const bool is_site = kind.kind == HostKind::site;
  made.origin = is_site ? site_origin(kind.site, context.port) : viewer_origin(context.port);
  if (is_site) made.peer_id = kind.site.to_string();
  return made;
}

Task<Response> Viewer::Impl::handle(Request& request) {
  const Host at = host(request.host());
  auto facts = facts_of(request);
  if (const auto status = refuse_early(at.kind.kind, facts)) {
    co_return refused(request, at.kind.site, plain(*status));
  }
  if (at.kind.kind == HostKind::alias) co_return to_viewer(request);

  const bool on_site = at.kind.kind == HostKind::site;
  auto match = (on_site ? site_routes_ : viewer_routes_).match(request.method, request.target);
  if (match.kind != http::Match::Kind::route) {
    const bool wrong_method = match.kind == http::Match::Kind::wrong_method;
    auto response = refused(request, at.kind.site, plain(wrong_method ? 405 : 404));
    if (wrong_method) response.add("Allow", match.allow);
    co_return response;
  }
  const auto& route = route_table()[match.route];
  // A site's host answers for one peer, in one spelling.
  if (route.id == RouteId::site_file && match.values[0] != at.peer_id) {
    co_return refused(request, at.kind.site, plain(404));
  }
  if (route.who == Who::viewer || route.who == Who::control) {
    facts.session = context.sessions.valid(request.field("Cookie").value_or(""),
                                           request.field("X-Goop-Session").value_or(""));
    facts.control = context.sessions.is_control(request.field("Authorization").value_or(""));
  }
  facts.user = context.local_user(request.user);
  const auto verdict = decide(route.who, facts, at.origin);
  Exchange exchange{request, std::move(match), verdict.visitor, at.kind.site, facts.user};
  switch (verdict.kind) {
    case Verdict::Kind::refuse:
      co_return refused(request, at.kind.site, refusal_of(verdict));
    case Verdict::Kind::to_site:
      co_return routes::site_gateway(context, exchange);
    case Verdict::Kind::ask_first:
      if (at.kind.site != context.peer.id() && !context.peer.visited(at.kind.site)) {
        co_return routes::ask_first(context, exchange);
      }
      break;
    case Verdict::Kind::allow:
      break;
  }
  co_return co_await dispatch(route, exchange);
}

Task<Response> Viewer::Impl::dispatch(const Route& route, Exchange& exchange) {
  switch (route.id) {
    case RouteId::shell:
      co_return routes::shell(context, exchange);
    case RouteId::visit_page:
      co_return routes::visit_page(context, exchange);
    case RouteId::asset:
    case RouteId::site_asset:
      co_return routes::asset(context, exchange);
    case RouteId::manual:
      co_return routes::manual_page(context, exchange);
    case RouteId::login:
      co_return co_await routes::login(context, exchange);
    case RouteId::self:
      co_return routes::self(context, exchange);
    case RouteId::connections:
      co_return routes::connections(context, exchange);
    case RouteId::events:
      co_return routes::events(context, exchange);
    case RouteId::peers:
      co_return routes::peers(context, exchange);
    case RouteId::favorite:
      co_return co_await routes::favorite(context, exchange);
    case RouteId::probe:
      co_return co_await routes::probe(context, exchange);
    case RouteId::profile:
      co_return co_await routes::profile(context, exchange);
    case RouteId::appearance:
      co_return co_await routes::appearance(context, exchange);
    case RouteId::visit:
      co_return co_await routes::visit(context, exchange);
    case RouteId::ping:
      co_return co_await routes::ping(context, exchange);
    case RouteId::perf:
      co_return co_await routes::perf(context, exchange);
    case RouteId::status:
      co_return routes::status(context, exchange);
    case RouteId::own_site:
      co_return co_await routes::own_site(context, exchange);
    case RouteId::open:
      co_return routes::open(context, exchange);
    case RouteId::site_gateway:
    case RouteId::site_file:
      co_return co_await routes::site(context, exchange);
    case RouteId::site_front:
      co_return routes::site_front(context, exchange);
    case RouteId::site_self:
      co_return routes::site_self(context, exchange);
    case RouteId::not_built:
      co_return routes::not_built(context, exchange);
    case RouteId::health:
      co_return routes::health(context, exchange);
    case RouteId::ready:
      co_return routes::ready(context, exchange);
    case RouteId::metrics:
      co_return routes::metrics(context, exchange);
  }
  raise(Errc::internal, "a route without a handler");
}

// --- refusals ---

Viewer::Impl::Refusal Viewer::Impl::refusal_of(const Verdict& verdict) {
  Refusal refusal{verdict.status, verdict.code, verdict.reason, ""};
  if (refusal.code.empty()) refusal.code = code_of_status(verdict.status);
  if (refusal.code == "signed_out") refusal.hint = "run goop2 open DIR";
  if (refusal.code == "other_user") refusal.hint = "viewer.users in its goop.json names its users";
  return refusal;
}

Response Viewer::Impl::refused(const Request& request, const p2p::PeerId& site,
                               const Refusal& refusal) const {
  const auto& [status, code, text, hint] = refusal;
  if (request.target.path.starts_with("/api/")) {
    return api_error(context, status, code, text, hint);
  }
  return page_error(context, request, site, status, code, text);
}

// What a route, or a body before its first byte, threw.
Response Viewer::Impl::failed(const Request& request, const Error& error) {
  log::debug("viewer.failed", {{"error", error}});
  return refused(request, host(request.host()).kind.site,
                 {status_of(error.code), code_of(error.code), error.detail, hint_of(error.code)});
}

Response Viewer::Impl::to_viewer(const Request& request) const {
  auto to = viewer_origin(context.port) + std::string(request.target.path);
  if (!request.target.query.empty()) to += fmt::format("?{}", request.target.query);
  return redirect(context.headers.base, to);
}

// --- the doors ---

Result<void> Viewer::Impl::listen(std::uint16_t port) {
  GOOP_TRY(auto v4, network_.listen({asio::ip::address_v4::loopback(), port}, {}));
  const auto bound = v4->local().port;
  auto v6 = network_.listen({asio::ip::address_v6::loopback(), bound}, {});
  if (!v6 && v6.error().code == Errc::conflict) return std::unexpected(std::move(v6.error()));
  if (!v6) log::info("viewer.no_ipv6", {{"error", v6.error()}});
  serve(std::move(v4), bound);
  if (v6) serve(std::move(*v6), bound);
  return {};
}

void Viewer::Impl::serve(std::unique_ptr<net::Listener> listener, std::uint16_t port) {
  context.port = port;
  context.headers = HeaderSets(port);
  hosts_.clear();
  server.serve(std::move(listener));
}

Viewer::Viewer(Runtime& runtime, net::Network& network, ViewerPeer& peer, ViewerOptions options)
    : impl_(std::make_unique<Impl>(runtime, network, peer, std::move(options))) {}

Viewer::~Viewer() = default;

Result<void> Viewer::listen(std::uint16_t port, std::uint16_t preferred) {
  if (port != 0) return impl_->listen(port);
  if (preferred != 0 && impl_->listen(preferred)) return {};
  // A port that is free in one family may be taken in the other: some tries find one free in both.
  Result<void> tried;
  for (int i = 0; i < limits::port_tries; ++i) {
    tried = impl_->listen(0);
    if (tried || tried.error().code != Errc::conflict) break;
  }
  return tried;
}

void Viewer::serve(std::unique_ptr<net::Listener> listener, std::uint16_t port) {
  impl_->serve(std::move(listener), port);
}

std::uint16_t Viewer::port() const { return impl_->context.port; }
std::string Viewer::url() const { return viewer_origin(port()) + "/"; }

std::string Viewer::start_url() {
  return fmt::format("{}#login={}", url(),
                     impl_->context.sessions.new_login_secret(Sessions::Life::start_link));
}

Task<> Viewer::stop(Deadline by) { co_await impl_->server.stop(by); }

}  // namespace goop::viewer
