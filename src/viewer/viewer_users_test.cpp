// Other users of the same computer: everybody may connect to 127.0.0.1.
#include "viewer/viewer_test_kit.h"

namespace goop::viewer {
namespace {

constexpr std::uint32_t neighbour = 1001;

TEST_F(ViewerTest, other_users_get_nothing_that_is_the_owners_whatever_they_send) {
  log_in();
  Headers everything{{"Authorization", "Bearer control"}, {"X-Forwarded-For", "127.0.0.1"}};
  as_user(neighbour);
  for (const auto* path : {"/api/self", "/api/peers", "/api/status", "/api/events"}) {
    EXPECT_EQ(from_page("GET", path).status, 403) << path;
    EXPECT_EQ(get(host, path, everything).status, 403) << path;
  }
  const auto refused = from_page("POST", "/api/visit", "{\"address\":\"x\"}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("\"code\":\"other_user\""), std::string::npos) << refused.body;
  EXPECT_EQ(get(host_of(me), "/api/self", own_fetch).status, 403);
  everything.emplace_back("Content-Type", "application/json");
  EXPECT_EQ(ask("POST", host, "/api/open", everything, "{}").status, 403);
}

TEST_F(ViewerTest, other_users_read_why_and_see_what_is_public) {
  as_user(neighbour);
  for (const auto* path : {"/", "/peers", "/visit?peer=x"}) {
    const auto page = get(host, path, navigation);
    EXPECT_EQ(page.status, 403) << path;
    EXPECT_NE(page.body.find("somebody else"), std::string::npos) << page.body;
  }
  EXPECT_EQ(get(host, "/healthz").status, 200);
  EXPECT_EQ(get(host_of(me), path_of(me, ""), own_fetch).status, 200);
}

TEST_F(ViewerTest, wrong_logins_of_other_users_do_not_keep_the_owner_out) {
  as_user(neighbour);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(from_page("POST", "/api/login", "{\"secret\":\"0\"}").status, 403);
  }
  as_user(owner_uid);
  log_in();
  EXPECT_EQ(from_page("GET", "/api/self").status, 200);
}

TEST_F(ViewerTest, root_and_named_users_are_the_owner) {
  for (const std::uint32_t uid : {0u, owner_uid}) {
    as_user(uid);
    log_in();
    EXPECT_EQ(from_page("GET", "/api/self").status, 200) << uid;
  }
}

// Who connects, sends and hangs up reads as root's to the kernel: net/os_peer_user_test.cpp.
TEST_F(ViewerTest, whoever_has_no_name_is_a_stranger) {
  log_in();
  there.set_user({net::PeerUser::Kind::stranger, 0});
  EXPECT_EQ(from_page("GET", "/api/self").status, 403);
}

TEST_F(ViewerTest, where_the_kernel_does_not_say_the_session_counts_and_status_says_so) {
  log_in();
  const auto told = [this] {
    return get(host, "/api/status", {{"Authorization", "Bearer control"}}).body;
  };
  EXPECT_NE(told().find("\"usersToldApart\":false"), std::string::npos) << told();
  EXPECT_EQ(from_page("GET", "/api/self").status, 200);
  as_user(owner_uid);
  EXPECT_NE(told().find("\"usersToldApart\":true"), std::string::npos) << told();
}

}  // namespace
}  // namespace goop::viewer
