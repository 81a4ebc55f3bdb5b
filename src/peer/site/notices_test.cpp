#include "peer/site/notices.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "peer/site/limits.h"
#include "testing/files/temp_folder.h"

namespace goop::peer::site {
namespace {

using Kind = SiteNotice::Kind;

struct NoticesTest : ::testing::Test {
  void write(const std::string& path) { folder.put(path, "x"); }
  std::vector<SiteNotice> notices() const { return look_over(folder.path(), SiteRules()); }

  goop::testing::TempFolder folder;
};

TEST_F(NoticesTest, a_whole_site_has_none) {
  write("index.html");
  write("photos/a.png");
  EXPECT_TRUE(notices().empty());
}

TEST_F(NoticesTest, a_missing_front_page_or_folder_is_told) {
  EXPECT_EQ(notices(), (std::vector<SiteNotice>{{Kind::no_front_page, "index.html"}}));
  EXPECT_EQ(look_over(folder.path() / "none", SiteRules()),
            (std::vector<SiteNotice>{{Kind::no_folder, ""}}));
}

TEST_F(NoticesTest, links_are_told_and_private_names_are_not) {
  write("index.html");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "users");
  std::filesystem::create_directories(folder.path() / "lua");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "lua/users");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / ".users");
  EXPECT_EQ(notices(), (std::vector<SiteNotice>{{Kind::link, "users"}}));
}

TEST_F(NoticesTest, what_the_system_refuses_is_told) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write("index.html");
  write("secret.html");
  std::filesystem::permissions(folder.path() / "secret.html", std::filesystem::perms::none);
  EXPECT_EQ(notices(), (std::vector<SiteNotice>{{Kind::not_readable, "secret.html"}}));
}

TEST_F(NoticesTest, their_number_has_a_cap) {
  write("index.html");
  for (std::size_t i = 0; i < limits::notices + 5; ++i) {
    std::filesystem::create_symlink("/x", folder.path() / fmt::format("link{}", i));
  }
  EXPECT_EQ(notices().size(), limits::notices);
}

TEST_F(NoticesTest, what_is_looked_at_has_a_cap) {
  write("index.html");
  for (std::size_t i = 0; i < limits::looked_at; ++i) write(fmt::format("a{:05}", i));
  std::filesystem::create_symlink("/x", folder.path() / "zlink");
  EXPECT_TRUE(notices().empty());
}

}  // namespace
}  // namespace goop::peer::site
