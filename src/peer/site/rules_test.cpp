#include "peer/site/rules.h"

#include <gtest/gtest.h>

namespace goop::peer::site {
namespace {

bool readable(const SiteRules& rules, std::string_view path) {
  return rules.readable(wire::SitePath::parse(path).value());
}

TEST(SiteRulesTest, Ordinary_files_are_readable) {
  const SiteRules rules;
  for (const char* path : {"", "index.html", "images/a.png", "lua.html", "luas/a", "a/lua/b",
                           "a.b/c", "src/a.js", "goop-notes.txt", "a/", "..."}) {
    EXPECT_EQ(readable(rules, path), std::string_view(path) != "...") << path;
  }
}

TEST(SiteRulesTest, Names_with_a_dot_in_front_are_private_and_all_below_them) {
  const SiteRules rules;
  for (const char* path : {".env", ".git/config", "a/.b", "a/.b/c", ".goop-1234", "a/.goop-x",
                           ".well-known/x", "..."}) {
    EXPECT_FALSE(readable(rules, path)) << path;
  }
}

TEST(SiteRulesTest, Lua_is_private_in_any_case) {
  const SiteRules rules;
  for (const char* path : {"lua", "lua/", "lua/a.lua", "LUA/a.lua", "Lua/functions/x", "lUa"}) {
    EXPECT_FALSE(readable(rules, path)) << path;
  }
}

TEST(SiteRulesTest, Private_folders_are_private_in_any_case_and_with_any_separator) {
  const SiteRules rules({"src", "Code\\Scripts", "/stage/"});
  for (const char* path : {"src", "src/a", "SRC/a", "code/scripts/a", "CODE/Scripts", "stage/x"}) {
    EXPECT_FALSE(readable(rules, path)) << path;
  }
  for (const char* path : {"srcs/a", "code/a", "a/src/b", "stage.html"}) {
    EXPECT_TRUE(readable(rules, path)) << path;
  }
}

TEST(SiteRulesTest, A_name_that_some_disk_takes_for_a_private_one_is_private) {
  const SiteRules rules({"scripts", "stage"});
  for (const char* path : {"l\u200cua/a.lua", "lua\ufeff/a", "\u00adlua/a", "lua./a", "lua ./a",
                           "LUA. ./a", "\u017fcript\u017f/a", "\ufb06age/a", "\u200b.env",
                           "a/\u2060.git/config", "...", "a/..."}) {
    EXPECT_FALSE(readable(rules, path)) << path;
  }
  for (const char* path :
       {"l\u00fca/a", "\u1e9e.html", "na\u00efve.html", "notes./a", "a./b", "~1"}) {
    EXPECT_TRUE(readable(rules, path)) << path;
  }
}

TEST(SiteRulesTest, Where_files_have_short_names_too_those_are_refused) {
  SiteRules rules;
  EXPECT_TRUE(readable(rules, "photo~1.jpg"));
  rules.refuse_short_names();
  for (const char* path : {"GIT~1/config", "a/ENV~12", "photo~1.jpg"}) {
    EXPECT_FALSE(readable(rules, path)) << path;
  }
  EXPECT_TRUE(readable(rules, "a~b.html"));
}

TEST(SiteRulesTest, Folders_of_the_configuration_count_when_they_are_inside) {
  const std::vector<std::filesystem::path> folders = {"/p/site/src", "/p/site/../site/My/Stage",
                                                      "/p/scripts", "/elsewhere", "/p/site2/x"};
  const SiteRules rules = SiteRules::for_root("/p/site", folders);
  EXPECT_FALSE(readable(rules, "src/a"));
  EXPECT_FALSE(readable(rules, "my/stage/a"));
  EXPECT_TRUE(readable(rules, "scripts/a"));
  EXPECT_TRUE(readable(rules, "x/a"));
}

TEST(SiteRulesTest, A_private_root_makes_everything_private) {
  const std::vector<std::filesystem::path> folders = {"/p/site"};
  const SiteRules rules = SiteRules::for_root("/p/site", folders);
  EXPECT_FALSE(readable(rules, "index.html"));
  EXPECT_FALSE(readable(rules, ""));
}

}  // namespace
}  // namespace goop::peer::site
