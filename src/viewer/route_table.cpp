#include "viewer/route_table.h"

#include <array>

namespace goop::viewer {
namespace {

using net::http::Method;

constexpr auto table = std::to_array<Route>({
    {RouteId::shell, OnHost::viewer, Method::get, "/", Who::viewer_page},
    {RouteId::shell, OnHost::viewer, Method::get, "/peers", Who::viewer_page},
    {RouteId::visit_page, OnHost::viewer, Method::get, "/visit", Who::viewer_page},
    {RouteId::asset, OnHost::viewer, Method::get, "/assets/{name}", Who::viewer_asset},
    {RouteId::manual, OnHost::viewer, Method::get, "/docs/{path...}", Who::navigation},
    {RouteId::login, OnHost::viewer, Method::post, "/api/login", Who::viewer_login},
    {RouteId::self, OnHost::viewer, Method::get, "/api/self", Who::viewer},
    {RouteId::connections, OnHost::viewer, Method::get, "/api/connections", Who::viewer},
    {RouteId::events, OnHost::viewer, Method::get, "/api/events", Who::viewer},
    {RouteId::peers, OnHost::viewer, Method::get, "/api/peers", Who::viewer},
    {RouteId::favorite, OnHost::viewer, Method::post, "/api/peers/favorite", Who::viewer},
    {RouteId::probe, OnHost::viewer, Method::post, "/api/peers/probe", Who::viewer},
    {RouteId::profile, OnHost::viewer, Method::post, "/api/self/profile", Who::viewer},
    {RouteId::appearance, OnHost::viewer, Method::post, "/api/self/appearance", Who::viewer},
    {RouteId::own_site, OnHost::viewer, Method::get, "/api/site", Who::viewer},
    {RouteId::visit, OnHost::viewer, Method::post, "/api/visit", Who::viewer},
    {RouteId::ping, OnHost::viewer, Method::post, "/api/ping", Who::viewer},
    {RouteId::status, OnHost::viewer, Method::get, "/api/status", Who::viewer},
    {RouteId::perf, OnHost::viewer, Method::post, "/api/perf", Who::control},
    {RouteId::open, OnHost::viewer, Method::post, "/api/open", Who::control},
    {RouteId::site_gateway, OnHost::viewer, Method::get, "/p/{peer}/{path...}", Who::gateway},

    {RouteId::site_front, OnHost::site, Method::get, "/", Who::navigation},
    {RouteId::site_file, OnHost::site, Method::get, "/p/{peer}/{path...}", Who::site_content},
    {RouteId::site_asset, OnHost::site, Method::get, "/.goop/{name}", Who::site_content},
    {RouteId::site_self, OnHost::site, Method::get, "/api/self", Who::site_api},
    {RouteId::not_built, OnHost::site, Method::get, "/sdk/{path...}", Who::site_api},
    {RouteId::not_built, OnHost::site, Method::get, "/api/data/{path...}", Who::site_api},
    {RouteId::not_built, OnHost::site, Method::post, "/api/data/{path...}", Who::site_api},

    {RouteId::health, OnHost::both, Method::get, "/healthz", Who::probe},
    {RouteId::ready, OnHost::viewer, Method::get, "/readyz", Who::anybody},
    {RouteId::metrics, OnHost::viewer, Method::get, "/metrics", Who::anybody},
});

}  // namespace

std::span<const Route> route_table() { return table; }

}  // namespace goop::viewer
