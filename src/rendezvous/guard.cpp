#include "rendezvous/guard.h"

#include "net/http/url.h"

namespace goop::rendezvous {

using net::http::iequals;
using net::http::Method;
using net::http::Request;

namespace {

// "town.example" of "town.example:8787", "::1" of "[::1]:8787".
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

// As a browser writes it: the scheme's own port is left out.
std::string origin_of(const net::http::HttpUrl& url) {
  auto origin = fmt::format("{}://{}", url.secure() ? "https" : "http", url.authority());
  const std::string_view usual = url.secure() ? ":443" : ":80";
  if (origin.ends_with(usual)) origin.resize(origin.size() - usual.size());
  return origin;
}

// Programs of other people send some of these too; then they are treated as a browser is.
bool is_browser(const Request& request) {
  for (const auto* field :
       {"Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Accept-Language", "Cookie", "Referer"}) {
    if (request.field(field)) return true;
  }
  return false;
}

// A person follows a link: nothing comes of it for the page with the link.
bool is_visit(const Route& route, const Request& request) {
  return route.method == Method::get && !request.field("Origin") &&
         request.field("Sec-Fetch-Mode") == "navigate" &&
         request.field("Sec-Fetch-Dest") == "document";
}

}  // namespace

Guard::Guard(std::string_view external_url) {
  const auto url = net::http::HttpUrl::parse(external_url);
  if (!url) return;
  own_name_ = url->host();
  own_origin_ = origin_of(*url);
}

bool Guard::is_own_name(std::string_view host) const {
  const auto name = name_of(host);
  if (!own_name_.empty() && iequals(name, own_name_)) return true;
  if (iequals(name, "localhost")) return true;
  boost::system::error_code no_address;
  asio::ip::make_address(std::string(name), no_address);
  return !no_address;
}

bool Guard::is_own_origin(std::string_view origin, std::string_view host) const {
  if (!own_origin_.empty() && iequals(origin, own_origin_)) return true;
  // By address; the port counts, since another server there is another site. Of a proxy in front
  // we do not know whether it speaks TLS.
  const auto scheme = origin.find("://");
  if (scheme == origin.npos || iequals(name_of(host), own_name_)) return false;
  return iequals(origin.substr(scheme + 3), host);
}

bool Guard::from_foreign_page(const Request& request) const {
  if (const auto origin = request.field("Origin")) return !is_own_origin(*origin, request.host());
  const auto site = request.field("Sec-Fetch-Site").value_or("none");
  return site != "same-origin" && site != "none";
}

Guard::Verdict Guard::ask(const Route& route, const Request& request) const {
  const bool operators = route.is_operators();
  const bool for_everybody = route.access == Access::anybody && route.method == Method::get;
  if (for_everybody) return Verdict::pass;
  const bool visit = operators && is_visit(route, request);
  if (from_foreign_page(request) && !visit) return Verdict::foreign_page;
  if ((operators || is_browser(request)) && !is_own_name(request.host())) {
    return Verdict::foreign_name;
  }
  return Verdict::pass;
}

}  // namespace goop::rendezvous
