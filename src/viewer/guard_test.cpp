// The guard against an independent statement of its rules, for every route and every combination
// of what a request can say of itself.
#include "viewer/guard.h"

#include <gtest/gtest.h>

#include <set>

namespace goop::viewer {
namespace {

using net::http::Method;
using Text = std::optional<std::string_view>;

constexpr std::string_view own = "http://127.0.0.1:7777";

// What the rules say, in words of their own: who gets in, as seen from the person at the browser.
enum class Outcome { in, out, asked, sent_to_site };

struct Case {
  Who who;
  Facts facts;
};

bool one_of(Text value, std::initializer_list<Text> allowed) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

Outcome expected(const Case& one) {
  const auto& f = one.facts;
  const bool get = f.method == Method::get || f.method == Method::head;
  const bool silent = !f.origin && !f.fetch_site && !f.fetch_mode && !f.fetch_dest;
  const bool origin_fits = one_of(f.origin, {std::nullopt, own});
  const bool walks_in = get && f.fetch_mode == "navigate" && f.fetch_dest == "document";
  // "Same-origin, or no page at all": typed, bookmarked.
  const bool at_home = one_of(f.fetch_site, {"same-origin", "none"});
  // State-changing calls need the exact Origin; reads same-origin or that Origin; anything that
  // says otherwise is refused.
  const bool own_page = origin_fits && one_of(f.fetch_site, {std::nullopt, "same-origin"}) &&
                        (get ? !(!f.origin && !f.fetch_site) : f.origin == own);
  const bool body_fits = get || f.json;
  const bool owners_alone = one.who != Who::anybody && one.who != Who::probe &&
                            one.who != Who::viewer_asset && one.who != Who::navigation &&
                            one.who != Who::gateway && one.who != Who::site_content;
  if (owners_alone && f.user == LocalUser::stranger) return Outcome::out;
  switch (one.who) {
    case Who::probe:
      return Outcome::in;
    case Who::anybody:
    case Who::viewer_asset:
      return origin_fits && (at_home || !f.fetch_site) ? Outcome::in : Outcome::out;
    case Who::navigation:
    case Who::viewer_page:
    case Who::site_content: {
      if (!origin_fits) return Outcome::out;
      const bool asks = one.who == Who::site_content && !own_page;
      if (silent) return asks ? Outcome::asked : Outcome::in;
      if (at_home || (!f.fetch_site && !f.fetch_mode && !f.fetch_dest)) {
        return asks ? Outcome::asked : Outcome::in;
      }
      if (f.origin || !f.fetch_site || !walks_in) return Outcome::out;
      return asks ? Outcome::asked : Outcome::in;
    }
    case Who::viewer_login:
      return body_fits && (own_page || (silent && f.control)) ? Outcome::in : Outcome::out;
    case Who::viewer:
      return body_fits && ((own_page && f.session) || (silent && f.control)) ? Outcome::in
                                                                             : Outcome::out;
    case Who::control:
      return body_fits && silent && f.control ? Outcome::in : Outcome::out;
    case Who::gateway:
      if (!origin_fits) return Outcome::out;
      if (!f.fetch_site && !f.fetch_mode && !f.fetch_dest) return Outcome::in;
      return walks_in ? Outcome::sent_to_site : Outcome::out;
    case Who::site_api:
      return own_page ? Outcome::in : Outcome::out;
  }
  return Outcome::out;
}

Outcome actual(const Case& one) {
  switch (decide(one.who, one.facts, own).kind) {
    case Verdict::Kind::allow:
      return Outcome::in;
    case Verdict::Kind::refuse:
      return Outcome::out;
    case Verdict::Kind::ask_first:
      return Outcome::asked;
    case Verdict::Kind::to_site:
      return Outcome::sent_to_site;
  }
  return Outcome::out;
}

TEST(Guard, agrees_with_the_rules_for_every_route_and_combination) {
  const Text none;
  const std::vector<Text> origins{none,
                                  own,
                                  "null",
                                  "http://127.0.0.1:7778",
                                  "http://localhost:7777",
                                  "http://x.localhost:7777",
                                  "https://127.0.0.1:7777",
                                  "https://evil.example",
                                  ""};
  const std::vector<Text> sites{none, "same-origin", "same-site", "cross-site", "none", "strange"};
  const std::vector<Text> modes{none, "navigate", "no-cors", "cors", "same-origin", "websocket"};
  const std::vector<Text> dests{none, "document", "iframe", "empty", "script", "image", "worker"};
  std::size_t walked = 0, in = 0;
  for (const auto& route : route_table()) {
    std::vector<Method> methods{route.method};
    if (route.method == Method::get) methods.push_back(Method::head);
    for (const auto method : methods) {
      for (const auto& origin : origins) {
        for (const auto& site : sites) {
          for (const auto& mode : modes) {
            for (const auto& dest : dests) {
              for (int flags = 0; flags < 24; ++flags) {
                Case one{route.who, {}};
                auto& facts = one.facts;
                facts.method = method;
                facts.origin = origin;
                facts.fetch_site = site;
                facts.fetch_mode = mode;
                facts.fetch_dest = dest;
                facts.fetch_metadata = site || mode || dest;
                facts.session = flags & 1;
                facts.control = flags & 2;
                facts.json = flags & 4;
                facts.user = static_cast<LocalUser>(flags / 8);
                const auto got = actual(one), wanted = expected(one);
                ASSERT_EQ(got, wanted)
                    << route.pattern << " origin " << origin.value_or("-") << " site "
                    << site.value_or("-") << " mode " << mode.value_or("-") << " dest "
                    << dest.value_or("-") << " flags " << flags;
                ++walked;
                in += got == Outcome::in;
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(walked, 500'000u);
  EXPECT_GT(in, 1'000u);
}

TEST(Guard, says_why_in_the_status) {
  Facts facts;
  facts.origin = own;
  facts.method = Method::post;
  EXPECT_EQ(decide(Who::viewer, facts, own).status, 415);
  facts.json = true;
  EXPECT_EQ(decide(Who::viewer, facts, own).status, 401);
  facts.session = true;
  EXPECT_EQ(decide(Who::viewer, facts, own).visitor, Visitor::page);
  facts.origin = "null";
  EXPECT_EQ(decide(Who::viewer, facts, own).status, 403);
}

TEST(Guard, other_users_of_this_computer_are_refused_with_every_secret) {
  Facts facts;
  facts.origin = own;
  facts.method = Method::post;
  facts.json = facts.session = facts.control = true;
  for (const auto user : {LocalUser::owner, LocalUser::unknown}) {
    facts.user = user;
    EXPECT_EQ(decide(Who::viewer, facts, own).status, 200);
  }
  facts.user = LocalUser::stranger;
  for (const auto who : {Who::viewer, Who::viewer_login, Who::control, Who::site_api}) {
    EXPECT_EQ(decide(who, facts, own).status, 403);
    EXPECT_EQ(decide(who, facts, own).code, "other_user");
  }
}

// A browser says "none" as well when the address that was typed redirected.
TEST(Guard, asks_before_a_site_that_an_address_line_leads_to) {
  Facts facts;
  facts.fetch_metadata = true;
  facts.fetch_mode = "navigate";
  facts.fetch_dest = "document";
  facts.fetch_site = "none";
  EXPECT_EQ(decide(Who::site_content, facts, own).kind, Verdict::Kind::ask_first);
  facts.fetch_site = "same-origin";
  EXPECT_EQ(decide(Who::site_content, facts, own).kind, Verdict::Kind::allow);
}

TEST(Guard, refuses_prefetches_by_other_pages) {
  Facts facts;
  facts.fetch_metadata = true;
  facts.fetch_site = "cross-site";
  facts.fetch_mode = "navigate";
  facts.fetch_dest = "document";
  EXPECT_EQ(decide(Who::site_content, facts, own).kind, Verdict::Kind::ask_first);
  facts.prefetch = true;
  EXPECT_EQ(decide(Who::site_content, facts, own).status, 403);
}

TEST(Guard, refuses_early_whatever_the_route) {
  Facts facts;
  EXPECT_EQ(refuse_early(HostKind::foreign, facts), 421);
  EXPECT_EQ(refuse_early(HostKind::viewer, facts), std::nullopt);
  EXPECT_EQ(refuse_early(HostKind::alias, facts), std::nullopt);
  facts.method = Method::post;
  EXPECT_EQ(refuse_early(HostKind::alias, facts), 421);
  facts.service_worker = true;
  EXPECT_EQ(refuse_early(HostKind::site, facts), 403);
  EXPECT_EQ(refuse_early(HostKind::viewer, facts), 403);
}

// A new route shows up here: whoever adds one says again who may call it.
TEST(RouteTable, opens_nothing_without_a_secret_but_this) {
  std::set<std::string> open;
  for (const auto& route : route_table()) {
    const bool guarded = route.who == Who::viewer || route.who == Who::control;
    if (!guarded) open.insert(fmt::format("{} {}", name(route.method), route.pattern));
    if (route.method != Method::get && route.id != RouteId::not_built) {
      EXPECT_TRUE(guarded || route.who == Who::viewer_login) << route.pattern;
      EXPECT_EQ(route.host, OnHost::viewer) << route.pattern;
    }
  }
  EXPECT_EQ(open, (std::set<std::string>{
                      "GET /", "GET /.goop/{name}", "GET /api/data/{path...}", "GET /api/self",
                      "GET /assets/{name}", "GET /docs/{path...}", "GET /healthz", "GET /metrics",
                      "GET /p/{peer}/{path...}", "GET /peers", "GET /readyz", "GET /sdk/{path...}",
                      "GET /visit", "POST /api/data/{path...}", "POST /api/login"}));
}

}  // namespace
}  // namespace goop::viewer
