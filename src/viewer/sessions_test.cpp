#include "viewer/sessions.h"

#include <gtest/gtest.h>

#include "testing/sim/sim_runtime.h"
#include "viewer/limits.h"

namespace goop::viewer {
namespace {

const auto peer = *p2p::PeerId::parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

struct SessionsTest : testing::Test {
  sim::SimRuntime rt{3};
  std::string kept;
  Sessions make() {
    return Sessions(rt, peer, "control", {kept, [this](std::string text) { kept = text; }});
  }
  // The Cookie field that a browser sends after Set-Cookie.
  static std::string cookie_of(const Sessions::Opened& opened) {
    return opened.set_cookie.substr(0, opened.set_cookie.find(';'));
  }
};

TEST_F(SessionsTest, a_secret_works_once) {
  auto sessions = make();
  const auto secret = sessions.new_login_secret(Sessions::Life::start_link);
  EXPECT_EQ(secret.size(), 32u);
  const auto opened = sessions.login(secret);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(sessions.valid(cookie_of(*opened), opened->token));
  EXPECT_EQ(sessions.login(secret).error().code, Errc::forbidden);
}

TEST_F(SessionsTest, both_secrets_of_one_session_are_needed) {
  auto sessions = make();
  const auto a = *sessions.login(sessions.new_login_secret(Sessions::Life::start_link));
  const auto b = *sessions.login(sessions.new_login_secret(Sessions::Life::start_link));
  EXPECT_TRUE(sessions.valid("x=1; " + cookie_of(a) + "; y=2", a.token));
  EXPECT_FALSE(sessions.valid(cookie_of(a), b.token));
  EXPECT_FALSE(sessions.valid(cookie_of(a), ""));
  EXPECT_FALSE(sessions.valid("", a.token));
  EXPECT_FALSE(sessions.valid("goop-other=" + a.token, a.token));
  EXPECT_FALSE(sessions.valid("x" + cookie_of(a), a.token));
}

TEST_F(SessionsTest, cookies_of_the_same_name_that_others_added_change_nothing) {
  auto sessions = make();
  const auto opened = *sessions.login(sessions.new_login_secret(Sessions::Life::start_link));
  const auto cookie = cookie_of(opened);
  const auto name = cookie.substr(0, cookie.find('=') + 1);
  EXPECT_TRUE(sessions.valid(name + "junk; " + cookie + "; " + name, opened.token));
  EXPECT_FALSE(sessions.valid(name + "junk; " + name + "; " + name + opened.token, opened.token));
}

TEST_F(SessionsTest, the_cookie_is_strict_and_names_the_peer) {
  auto sessions = make();
  const auto opened = *sessions.login(sessions.new_login_secret(Sessions::Life::start_link));
  EXPECT_TRUE(opened.set_cookie.starts_with("goop-" + peer.to_string() + "="));
  for (const auto* part : {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"}) {
    EXPECT_NE(opened.set_cookie.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(opened.set_cookie.find("Domain"), std::string::npos);
}

TEST_F(SessionsTest, survive_a_restart_as_hashes_for_thirty_days) {
  auto before = make();
  const auto opened = *before.login(before.new_login_secret(Sessions::Life::start_link));
  EXPECT_EQ(kept.find(opened.token), std::string::npos);
  auto after = make();
  EXPECT_TRUE(after.valid(cookie_of(opened), opened.token));
  rt.run_for(limits::session_life - 1h);
  EXPECT_TRUE(after.valid(cookie_of(opened), opened.token));
  rt.run_for(2h);
  EXPECT_FALSE(after.valid(cookie_of(opened), opened.token));
  EXPECT_EQ(make().count(), 0u);
}

TEST_F(SessionsTest, a_broken_file_costs_a_login_only) {
  for (const auto* text : {"x", "[]", "{\"sessions\":3}", "{\"sessions\":[{\"cookie\":\"zz\"}]}",
                           "{\"sessions\":[{\"cookie\":\"00\",\"token\":\"00\",\"opened\":1}]}"}) {
    kept = text;
    EXPECT_EQ(make().count(), 0u) << text;
  }
}

TEST_F(SessionsTest, the_link_of_the_start_expires_after_a_day) {
  auto sessions = make();
  const auto early = sessions.new_login_secret(Sessions::Life::start_link);
  const auto late = sessions.new_login_secret(Sessions::Life::start_link);
  rt.run_for(limits::start_link_life - 1s);
  EXPECT_TRUE(sessions.login(early));
  rt.run_for(1s);
  EXPECT_FALSE(sessions.login(late));
}

TEST_F(SessionsTest, links_made_later_expire_sooner) {
  auto sessions = make();
  const auto start = sessions.new_login_secret(Sessions::Life::start_link);
  const auto later = sessions.new_login_secret(Sessions::Life::short_link);
  rt.run_for(limits::login_life + 1s);
  EXPECT_FALSE(sessions.login(later));
  EXPECT_TRUE(sessions.login(start));
}

TEST_F(SessionsTest, counts_have_caps) {
  auto sessions = make();
  const auto first = sessions.new_login_secret(Sessions::Life::start_link);
  for (std::size_t i = 0; i < limits::login_secrets; ++i) {
    sessions.new_login_secret(Sessions::Life::start_link);
  }
  EXPECT_FALSE(sessions.login(first));
  for (std::size_t i = 0; i < limits::sessions + 3; ++i) {
    rt.run_for(1s);
    ASSERT_TRUE(sessions.login(sessions.new_login_secret(Sessions::Life::start_link)));
  }
  EXPECT_EQ(sessions.count(), limits::sessions);
}

TEST_F(SessionsTest, attempts_are_limited) {
  auto sessions = make();
  for (int i = 0; i < limits::login_attempts_burst; ++i) {
    EXPECT_EQ(sessions.login("guess").error().code, Errc::forbidden);
  }
  EXPECT_EQ(sessions.login("guess").error().code, Errc::busy);
}

TEST_F(SessionsTest, the_command_line_shows_its_token) {
  auto sessions = make();
  EXPECT_TRUE(sessions.is_control("Bearer control"));
  EXPECT_FALSE(sessions.is_control("Bearer contro"));
  EXPECT_FALSE(sessions.is_control("control"));
  Sessions without(rt, peer, "", {});
  EXPECT_FALSE(without.is_control("Bearer "));
}

}  // namespace
}  // namespace goop::viewer
