#include "viewer/guard.h"

namespace goop::viewer {
namespace {

using net::http::Method;

Verdict allow(Visitor visitor) { return {Verdict::Kind::allow, visitor, 200, {}}; }
Verdict refuse(int status, std::string_view reason, std::string_view code = {}) {
  return {Verdict::Kind::refuse, Visitor::nobody, status, reason, code};
}

bool is_owners_alone(Who who) {
  return who == Who::viewer_page || who == Who::viewer_login || who == Who::viewer ||
         who == Who::control || who == Who::site_api;
}

bool reads(const Facts& facts) {
  return facts.method == Method::get || facts.method == Method::head;
}

// Another origin is behind this: it says so, or it cannot be told.
bool from_elsewhere(const Facts& facts, std::string_view own_origin) {
  if (facts.origin && *facts.origin != own_origin) return true;
  return facts.fetch_site && *facts.fetch_site != "same-origin" && *facts.fetch_site != "none";
}

// A person goes to a page in a tab of its own: typed, clicked, bookmarked, redirected.
bool is_top_navigation(const Facts& facts) {
  return reads(facts) && facts.fetch_mode == "navigate" && facts.fetch_dest == "document" &&
         !facts.prefetch;
}

// A page of this very origin is asking, and the browser vouches for it.
bool is_own_page(const Facts& facts, std::string_view own_origin) {
  if (facts.origin && *facts.origin != own_origin) return false;
  if (facts.fetch_site && *facts.fetch_site != "same-origin") return false;
  // Reads of one's own origin carry no Origin; whatever changes something must.
  return reads(facts) ? facts.origin || facts.fetch_site : facts.origin.has_value();
}

bool is_program(const Facts& facts) { return !facts.origin && !facts.fetch_metadata; }

Verdict decide_page(const Facts& facts, std::string_view own_origin, Visitor visitor) {
  if (facts.fetch_metadata && !facts.fetch_site) return refuse(403, "half of the fetch metadata");
  if (!from_elsewhere(facts, own_origin)) return allow(visitor);
  if (facts.origin || !is_top_navigation(facts)) return refuse(403, "caused by another page");
  return allow(visitor);
}

Verdict decide_viewer(Who who, const Facts& facts, std::string_view own_origin) {
  if (!reads(facts) && !facts.json) return refuse(415, "not application/json");
  if (facts.control && is_program(facts)) return allow(Visitor::control);
  if (who == Who::control) return refuse(403, "not the command line");
  if (!is_own_page(facts, own_origin)) return refuse(403, "not a page of the viewer");
  if (who == Who::viewer_login) return allow(Visitor::nobody);
  if (!facts.session) return refuse(401, "no session");
  return allow(Visitor::page);
}

Verdict decide_gateway(const Facts& facts, std::string_view own_origin) {
  if (facts.origin && *facts.origin != own_origin) return refuse(403, "caused by another page");
  if (!facts.fetch_metadata) return allow(Visitor::program);
  if (!is_top_navigation(facts)) return refuse(403, "sites have hosts of their own");
  return {Verdict::Kind::to_site, Visitor::nobody, 302, {}};
}

Verdict decide_site(const Facts& facts, std::string_view own_origin) {
  const auto verdict = decide_page(facts, own_origin, Visitor::site);
  if (verdict.kind != Verdict::Kind::allow || is_own_page(facts, own_origin)) return verdict;
  // An address that was typed may have led here by a redirect, and an old browser says nothing,
  // whoever made it come here.
  return {Verdict::Kind::ask_first, Visitor::site, 200, {}};
}

}  // namespace

Facts facts_of(const net::http::Request& request) {
  using net::http::iequals;
  constexpr std::string_view metadata = "Sec-Fetch-";
  Facts facts;
  facts.method = request.method;
  for (std::size_t i = 0; i < request.fields.size(); ++i) {
    const auto [name, value] = request.fields.at(i);
    if (name.size() > metadata.size() && iequals(name.substr(0, metadata.size()), metadata)) {
      facts.fetch_metadata = true;
      const auto what = name.substr(metadata.size());
      if (iequals(what, "Site")) facts.fetch_site = value;
      if (iequals(what, "Mode")) facts.fetch_mode = value;
      if (iequals(what, "Dest")) facts.fetch_dest = value;
    } else if (iequals(name, "Origin")) {
      facts.origin = value;
    } else if (iequals(name, "Sec-Purpose") || iequals(name, "Purpose")) {
      facts.prefetch = true;
    } else if (iequals(name, "Service-Worker")) {
      facts.service_worker = true;
    } else if (iequals(name, "Content-Type")) {
      const auto media = value.substr(0, value.find_first_of("; \t"));
      facts.json = iequals(media, "application/json");
    }
  }
  return facts;
}

std::optional<int> refuse_early(HostKind host, const Facts& facts) {
  if (host == HostKind::foreign) return 421;
  if (facts.service_worker) return 403;
  if (host == HostKind::alias && !reads(facts)) return 421;
  return std::nullopt;
}

Verdict decide(Who who, const Facts& facts, std::string_view own_origin) {
  if (facts.user == LocalUser::stranger && is_owners_alone(who)) {
    return refuse(403, "this peer is run by another user of this computer", "other_user");
  }
  switch (who) {
    case Who::probe:
      return allow(Visitor::nobody);
    case Who::anybody:
    case Who::viewer_asset:
      return from_elsewhere(facts, own_origin) ? refuse(403, "caused by another page")
                                               : allow(Visitor::nobody);
    case Who::navigation:
    case Who::viewer_page:
      return decide_page(facts, own_origin, Visitor::nobody);
    case Who::viewer_login:
    case Who::viewer:
    case Who::control:
      return decide_viewer(who, facts, own_origin);
    case Who::gateway:
      return decide_gateway(facts, own_origin);
    case Who::site_content:
      return decide_site(facts, own_origin);
    case Who::site_api:
      return is_own_page(facts, own_origin) ? allow(Visitor::site)
                                            : refuse(403, "not a page of this site");
  }
  return refuse(403, "no rule");
}

}  // namespace goop::viewer
