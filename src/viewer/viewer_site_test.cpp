// Sites as a browser sees them: on their own host, and what they may not.
#include "viewer/viewer_test_kit.h"

namespace goop::viewer {
namespace {

TEST_F(ViewerTest, serves_its_own_site_on_the_sites_host) {
  const auto page = get(host_of(me), path_of(me, ""), navigation);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<h1>mine</h1>");
  EXPECT_EQ(page.field("ETag"), "\"tag1\"");
  EXPECT_NE(page.field("Content-Security-Policy").find("frame-ancestors http://127.0.0.1:7777"),
            std::string::npos);
  EXPECT_NE(page.field("Permissions-Policy").find("camera=()"), std::string::npos);
  EXPECT_EQ(get(host_of(me), "/p/" + me.to_string(), navigation).field("Location"),
            path_of(me, ""));
  EXPECT_EQ(get(host_of(me), path_of(me, "folder?q"), navigation).field("Location"),
            path_of(me, "folder/?q"));
  EXPECT_EQ(get(host_of(me), path_of(me, "a.css"), own_fetch).field("Content-Type"),
            "text/css; charset=utf-8");
  EXPECT_EQ(get(host_of(me), path_of(me, "pieces"), own_fetch).body, "<h1>mine</h1>");
  EXPECT_EQ(ask("HEAD", host_of(me), path_of(me, "x"), own_fetch).field("Content-Length"), "13");
  EXPECT_EQ(get(host_of(me), path_of(me, "a%2fb"), own_fetch).status, 400);
}

TEST_F(ViewerTest, speaks_conditions_and_ranges) {
  const auto with = [&](Headers more) {
    Headers fields = own_fetch;
    fields.insert(fields.end(), more.begin(), more.end());
    return get(host_of(me), path_of(me, "x.html"), fields);
  };
  EXPECT_EQ(with({{"If-None-Match", "\"tag1\""}}).status, 304);
  const auto part = with({{"Range", "bytes=4-7"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "mine");
  EXPECT_EQ(part.field("Content-Range"), "bytes 4-7/13");
  const auto beyond = with({{"Range", "bytes=99-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.field("Content-Range"), "bytes */13");
  EXPECT_EQ(with({{"Range", "bytes=4-7"}, {"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status,
            200);
  with({{"Range", "bytes=4-7"}, {"If-Range", "\"t\""}, {"Accept-Encoding", "br"}});
  EXPECT_EQ(peer.own->last.if_range, "t");
  EXPECT_TRUE(peer.own->last.accept.br);
}

TEST_F(ViewerTest, errors_of_a_site_have_their_status_and_page) {
  EXPECT_EQ(get(host_of(me), path_of(me, "missing"), navigation).status, 404);
  EXPECT_EQ(get(host_of(me), path_of(me, "secret"), navigation).status, 403);
  visit(other);
  const auto away = get(host_of(other), path_of(other, "away"), navigation);
  EXPECT_EQ(away.status, 502);
  EXPECT_EQ(away.body, "<p>&lt;Kaj&gt;||away||/.goop</p>");
  EXPECT_EQ(get(host_of(other), path_of(other, "away"), own_fetch).body, "unreachable\n");
  EXPECT_THROW(get(host_of(me), path_of(me, "breaks"), own_fetch), Failure);
}

TEST_F(ViewerTest, no_page_of_others_makes_it_dial) {
  EXPECT_EQ(get(host_of(other), path_of(other, "a.png"), picture).status, 403);
  const auto asked = get(host_of(other), path_of(other, "a%20b.html?x=1"), link);
  EXPECT_EQ(asked.status, 302);
  EXPECT_EQ(asked.field("Location"),
            fmt::format("http://127.0.0.1:7777/visit?peer={}&path=%2Fa%2520b.html%3Fx%3D1",
                        other.to_string()));
  EXPECT_EQ(get(host_of(other), path_of(other, "")).status, 302);  // says nothing of itself
  EXPECT_EQ(peer.remote->asked, 0);
  const auto question = get(host, "/visit?peer=" + other.to_string() + "&path=%2Fa%3C", link);
  EXPECT_EQ(question.body, "<p>&lt;Kaj&gt;|||/a&lt;|/assets</p>");
  EXPECT_EQ(get(host, "/visit?peer=x").status, 400);
  EXPECT_EQ(peer.remote->asked, 0);
  log_in();
  EXPECT_EQ(
      from_page("POST", "/api/visit", fmt::format("{{\"address\":\"{}\"}}", other.to_string()))
          .status,
      200);
  EXPECT_EQ(get(host_of(other), path_of(other, ""), link).body, "<h1>theirs</h1>");
  EXPECT_EQ(get(host_of(other), path_of(other, "a.png"), picture).status, 403);
}

TEST_F(ViewerTest, sites_have_no_rights_on_the_viewers_host) {
  const auto nav = get(host, path_of(other, "a.html?x"), link);
  EXPECT_EQ(nav.status, 302);
  EXPECT_EQ(nav.field("Location"), site_url(other, port) + "a.html?x");
  EXPECT_EQ(get(host, path_of(me, "a.js"), own_fetch).status, 403);
  EXPECT_EQ(get(host, path_of(me, "a.js"), picture).status, 403);
  const auto program = get(host, path_of(me, "a.html"));
  EXPECT_EQ(program.body, "<h1>mine</h1>");
  EXPECT_EQ(program.field("Content-Security-Policy"), "sandbox allow-scripts allow-forms");
  Headers worker = own_fetch;
  worker.emplace_back("Service-Worker", "script");
  EXPECT_EQ(get(host_of(me), path_of(me, "sw.js"), worker).status, 403);
}

TEST_F(ViewerTest, a_site_learns_who_visits_and_no_more) {
  EXPECT_EQ(get(host_of(other), "/api/self", own_fetch).body,
            fmt::format("{{\"id\":\"{}\",\"label\":\"Mira\"}}\n", me.to_string()));
  EXPECT_EQ(get(host_of(other), "/api/self", picture).status, 403);
  EXPECT_EQ(get(host_of(other), "/api/self").status, 403);
}

TEST_F(ViewerTest, a_site_is_alone_in_its_process_and_connects_to_nobody_else) {
  for (const auto* file : {"", "missing", "a.css"}) {
    const auto answer = get(host_of(me), path_of(me, file), own_fetch);
    EXPECT_EQ(answer.field("Connection-Allowlist"), "(response-origin)") << file;
    EXPECT_EQ(answer.field("Cross-Origin-Opener-Policy"), "same-origin") << file;
    EXPECT_EQ(answer.field("Cross-Origin-Embedder-Policy"), "require-corp") << file;
    EXPECT_EQ(answer.field("Document-Isolation-Policy"), "isolate-and-require-corp") << file;
    for (const auto* power : {"clipboard-write=()", "screen-wake-lock=()", "gyroscope=()"}) {
      EXPECT_NE(answer.field("Permissions-Policy").find(power), std::string::npos) << power;
    }
  }
}

// Else a page elsewhere would see by its popup whether the site had been visited.
TEST_F(ViewerTest, a_site_and_the_question_before_it_give_an_opener_the_same) {
  const auto asked = get(host_of(other), path_of(other, ""), link);
  const auto question = get(host, "/visit?peer=" + other.to_string() + "&path=%2F", link);
  visit(other);
  const auto shown = get(host_of(other), path_of(other, ""), link);
  for (const auto* answer : {&asked, &question, &shown}) {
    EXPECT_EQ(answer->field("Cross-Origin-Opener-Policy"), "same-origin");
  }
}

TEST_F(ViewerTest, an_address_that_was_typed_asks_before_a_site_never_visited) {
  EXPECT_EQ(get(host_of(other), path_of(other, ""), navigation).status, 302);
  EXPECT_EQ(peer.remote->asked, 0);
  visit(other);
  EXPECT_EQ(get(host_of(other), path_of(other, ""), navigation).status, 200);
  EXPECT_EQ(get(host_of(me), path_of(me, ""), navigation).status, 200);  // one's own is never asked
}

TEST_F(ViewerTest, the_sites_own_page_is_shown_for_what_it_does_not_have) {
  EXPECT_EQ(get(host_of(me), path_of(me, "missing"), navigation).status, 404);
  peer.own->missing_page = "<h1>lost?</h1>";
  const auto page = get(host_of(me), path_of(me, "missing"), navigation);
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(page.body, "<h1>lost?</h1>");
  EXPECT_EQ(page.field("ETag"), "");
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get(host_of(me), path_of(me, "missing"), own_fetch).body, "not_found\n");
  EXPECT_EQ(get(host_of(me), path_of(me, "secret"), navigation).status, 403);
}

TEST_F(ViewerTest, a_visitor_reads_what_is_so_and_the_owner_what_to_do) {
  peer.own->has_front = peer.remote->has_front = false;
  visit(other);
  const auto says = [this](const p2p::PeerId& whose, std::string_view file) {
    return get(host_of(whose), path_of(whose, file), navigation).body;
  };
  EXPECT_NE(says(other, "").find("|no front|"), std::string::npos);
  EXPECT_NE(says(me, "").find("|put one|"), std::string::npos);
  EXPECT_NE(says(other, "bare/").find("|no index|"), std::string::npos);
  EXPECT_NE(says(other, "secret").find("|hidden|"), std::string::npos);
  Headers form = navigation;
  form.emplace_back("Origin", site_origin(other, port));
  const auto posted = ask("POST", host_of(other), path_of(other, "x"), form, "a=b");
  EXPECT_EQ(posted.status, 405);
  EXPECT_NE(posted.body.find("|no forms|"), std::string::npos) << posted.body;
}

TEST_F(ViewerTest, a_site_that_waits_for_data_says_what_is_missing) {
  const auto script = get(host_of(me), "/sdk/goop-data.js", own_fetch);
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.body, "js()");
  EXPECT_EQ(get(host_of(me), "/sdk/goop-data.js", picture).status, 403);
  Headers own = own_fetch;
  own.emplace_back("Origin", site_origin(me, port));
  for (const auto* method : {"GET", "POST"}) {
    const auto data = ask(method, host_of(me), "/api/data/tables/query", own);
    EXPECT_EQ(data.status, 501) << method;
    EXPECT_NE(data.body.find("\"code\":\"not_built\""), std::string::npos) << data.body;
  }
}

TEST_F(ViewerTest, the_owner_is_told_what_visitors_do_not_get) {
  log_in();
  peer.notices.push_back({site::SiteNotice::Kind::link, "a\"b"});
  EXPECT_EQ(from_page("GET", "/api/site").body,
            "{\"folder\":\"/home/mira/site\","
            "\"notices\":[{\"kind\":\"link\",\"path\":\"a\\\"b\"}]}\n");
}

TEST_F(ViewerTest, what_the_viewer_does_not_have_is_a_plain_page_or_line) {
  const auto page = get(host, "/relay-status.json", navigation);
  EXPECT_EQ(page.status, 404);
  EXPECT_NE(page.body.find("|nothing|"), std::string::npos) << page.body;
  Headers icon = own_fetch;
  icon[2] = {"Sec-Fetch-Dest", "image"};
  for (const auto* where : {"/favicon.ico", "/accounts.json"}) {
    const auto answer = get(host, where, icon);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, "not_found\n");
  }
}

}  // namespace
}  // namespace goop::viewer
