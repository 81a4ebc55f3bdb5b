// The viewer's hosts and ports, its shell, and what holds for every answer.
#include "viewer/limits.h"
#include "viewer/viewer_test_kit.h"

namespace goop::viewer {
namespace {

TEST_F(ViewerTest, the_manual_is_pages_that_need_no_session_and_no_script) {
  const auto front = get(host, "/docs/", navigation);
  EXPECT_EQ(front.status, 200);
  EXPECT_NE(front.body.find("<h1 id=\"the-book\">"), std::string::npos);
  EXPECT_NE(front.body.find("href=\"/docs/one\""), std::string::npos);
  EXPECT_NE(
      front.field("Content-Security-Policy").find("script-src http://127.0.0.1:7777/assets/;"),
      std::string::npos);
  EXPECT_EQ(front.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_NE(get(host, "/docs/search?q=wor", navigation).body.find("<mark>wor</mark>d"),
            std::string::npos);
  EXPECT_EQ(get(host, "/docs/two", navigation).status, 404);
  EXPECT_EQ(get(host, "/docs/one",
                {{"Sec-Fetch-Site", "cross-site"},
                 {"Sec-Fetch-Mode", "no-cors"},
                 {"Sec-Fetch-Dest", "script"}})
                .status,
            403);
}

TEST_F(ViewerTest, serves_the_shell_and_its_parts_without_a_session) {
  const auto shell = get(host, "/", navigation);
  EXPECT_EQ(shell.status, 200);
  EXPECT_EQ(shell.body, "<!doctype html>shell");
  EXPECT_EQ(shell.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(shell.field("Origin-Agent-Cluster"), "?1");
  EXPECT_NE(
      shell.field("Content-Security-Policy").find("script-src http://127.0.0.1:7777/assets/;"),
      std::string::npos);
  EXPECT_NE(shell.field("Content-Security-Policy").find("frame-ancestors 'none'"),
            std::string::npos);
  const auto script = get(host, "/assets/a.js", own_fetch);
  EXPECT_EQ(script.body, "js()");
  EXPECT_NE(script.field("Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(get(host, "/assets/a.js", {{"If-None-Match", script.field("ETag")}}).status, 304);
  EXPECT_EQ(get(host, "/assets/retry.js", own_fetch).field("Cache-Control"), "no-cache");
  EXPECT_EQ(get(host, "/assets/unreachable.html").status, 404);
}

TEST_F(ViewerTest, every_answer_has_the_headers) {
  for (const auto& [where, target] :
       std::vector<std::pair<std::string, std::string>>{{host, "/"},
                                                        {host, "/none"},
                                                        {host, "/api/self"},
                                                        {host, "/p/x/"},
                                                        {host, "/readyz"},
                                                        {host, "/metrics"},
                                                        {host, "/assets/a.js"},
                                                        {"evil.example", "/"},
                                                        {"localhost:7777", "/"},
                                                        {host_of(me), path_of(me, "")},
                                                        {host_of(me), "/"},
                                                        {host_of(me), path_of(me, "missing")},
                                                        {host_of(me), "/api/self"}}) {
    const auto answer = get(where, target);
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(answer.field("Referrer-Policy"), "no-referrer") << target;
    EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "same-origin") << target;
    EXPECT_NE(answer.field("Content-Security-Policy"), "") << target;
    EXPECT_EQ(answer.field("Server"), "") << target;
    for (const auto* once : {"Content-Security-Policy", "Cache-Control", "Content-Type"}) {
      EXPECT_LE(answer.fields.count(once), 1u) << target << " " << once;
    }
  }
}

TEST_F(ViewerTest, knows_its_hosts) {
  EXPECT_EQ(get("evil.example:7777", "/").status, 421);
  const auto alias = get("localhost:7777", "/visit?peer=x", navigation);
  EXPECT_EQ(alias.status, 302);
  EXPECT_EQ(alias.field("Location"), "http://127.0.0.1:7777/visit?peer=x");
  EXPECT_EQ(ask("POST", "localhost:7777", "/api/login", {}).status, 421);
  EXPECT_EQ(get(host_of(me), "/", navigation).field("Location"), path_of(me, ""));
  EXPECT_EQ(get(host_of(me), path_of(other, ""), navigation).status, 404);
  EXPECT_EQ(get(host_of(me), "/p/" + me.to_cid_base36() + "/", navigation).status, 404);
  EXPECT_EQ(get(host_of(me), "/api/connections", own_fetch).status, 404);
  EXPECT_EQ(get(host_of(me), "/assets/a.js", own_fetch).status, 404);
  EXPECT_EQ(get(host_of(me), "/.goop/retry.js", own_fetch).body, "js()");
}

TEST_F(ViewerTest, serves_more_sites_than_it_keeps_at_hand) {
  for (std::size_t i = 0; i <= limits::known_sites + 1; ++i) {
    Bytes id{0x12, 0x20};
    id.resize(34);
    id[2] = static_cast<std::uint8_t>(i);
    id[3] = static_cast<std::uint8_t>(i >> 8);
    const auto name = host_of(p2p::PeerId::from_bytes(id).value());
    ASSERT_EQ(get(name, "/healthz").status, 200) << name;
  }
  EXPECT_EQ(get(host, "/healthz").status, 200);
}

TEST_F(ViewerTest, health_says_the_same_on_every_host) {
  for (const auto& where : {host, host_of(me), host_of(other)}) {
    const auto answer = get(where, "/healthz", picture);
    EXPECT_EQ(answer.body, "ok\n");
    EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "cross-origin");
  }
  EXPECT_EQ(get(host, "/readyz").body, "ready\n");
  EXPECT_NE(get(host, "/metrics").body.find("goop_http_requests_total"), std::string::npos);
  EXPECT_EQ(get(host, "/metrics", picture).status, 403);
}

TEST_F(ViewerTest, a_taken_port_is_told) {
  sim::SimHost& machine = internet.add_host(std::vector<std::string>{"127.0.0.1", "::1"});
  Viewer first(rt, machine, peer, options()), second(rt, machine, peer, options());
  ASSERT_TRUE(first.listen(0));
  EXPECT_EQ(second.listen(first.port()).error().code, Errc::conflict);
  EXPECT_TRUE(second.listen(0, first.port()));
  EXPECT_NE(first.port(), second.port());
  rt.wait(first.stop({rt.now()}));
  rt.wait(second.stop({rt.now()}));
}

}  // namespace
}  // namespace goop::viewer
