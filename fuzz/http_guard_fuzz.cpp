// deps: viewer
// A request as it comes off the wire, through host class, facts and every rule of the guard: what
// must never be let in is not, whatever the request says of itself.
#include "net/http/parser.h"
#include "viewer/guard.h"

namespace {

using namespace goop;
using namespace goop::viewer;

constexpr std::uint16_t port = 7777;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  net::http::Request request;
  net::http::RequestParser parser;
  parser.start(request);
  const auto fed = parser.feed(BytesView(data, size));
  if (!fed || !parser.head_done()) return 0;

  const auto host = classify_host(request.host(), port);
  std::string shouted(request.host());
  for (auto& c : shouted) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  const auto same = classify_host(shouted, port);
  GOOP_ASSERT(same.kind == host.kind && same.site == host.site);
  GOOP_ASSERT(request.target.path.find("//") == std::string_view::npos);
  auto facts = facts_of(request);
  const auto early = refuse_early(host.kind, facts);
  if (host.kind == HostKind::foreign) GOOP_ASSERT(early == 421);
  if (facts.service_worker) GOOP_ASSERT(early.has_value());
  const bool is_site = host.kind == HostKind::site;
  if (is_site) GOOP_ASSERT(host.site.to_cid_base36().size() <= 63);
  const auto own = is_site ? site_origin(host.site, port) : viewer_origin(port);

  const bool foreign = facts.origin && *facts.origin != own;
  const bool by_other_page = foreign || facts.fetch_site == "cross-site";
  for (const auto& route : route_table()) {
    facts.session = facts.control = false;
    const auto stranger = decide(route.who, facts, own);
    const bool guarded = route.who == Who::viewer || route.who == Who::control;
    if (guarded) GOOP_ASSERT(stranger.kind == Verdict::Kind::refuse);
    facts.session = true;
    const auto page = decide(route.who, facts, own);
    if (guarded && by_other_page) GOOP_ASSERT(page.kind == Verdict::Kind::refuse);
    if (route.who == Who::site_api && by_other_page) {
      GOOP_ASSERT(page.kind == Verdict::Kind::refuse);
    }
    if (foreign && route.who != Who::probe) GOOP_ASSERT(page.kind == Verdict::Kind::refuse);
  }
  return 0;
}
