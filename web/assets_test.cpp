// What the build has put into the program: the pages are complete and can be served as they are.
#include <regex>

#include <gtest/gtest.h>

#include "assets/rendezvous.h"
#include "assets/starter.h"
#include "assets/viewer.h"

namespace goop::assets {
namespace {

class EverySet : public testing::TestWithParam<const AssetSet*> {};
INSTANTIATE_TEST_SUITE_P(Assets, EverySet, testing::Values(&viewer(), &rendezvous(), &starter()));

TEST_P(EverySet, FindsEachFileByItsExactPathOnly) {
  ASSERT_FALSE(GetParam()->all().empty());
  for (const auto& file : GetParam()->all()) {
    EXPECT_EQ(GetParam()->find(file.path), &file);
    EXPECT_EQ(GetParam()->find(std::string(file.path) + "x"), nullptr);
  }
  EXPECT_EQ(GetParam()->find(""), nullptr);
  EXPECT_EQ(GetParam()->find("/index.html"), nullptr);
}

TEST_P(EverySet, FilesAreWholeAndCompressedOnesSmaller) {
  for (const auto& file : GetParam()->all()) {
    EXPECT_FALSE(file.bytes.empty()) << file.path;
    EXPECT_LT(file.brotli.size(), file.bytes.size()) << file.path;
    EXPECT_EQ(file.sha256.size(), 64u) << file.path;
    if (file.type.starts_with("text/")) {
      EXPECT_TRUE(is_utf8(as_text(file.bytes))) << file.path;
    }
  }
}

// The pages that load all else by script: the viewer's, and the operator's of a rendezvous server.
class EveryShell : public testing::TestWithParam<const AssetSet*> {};
INSTANTIATE_TEST_SUITE_P(Assets, EveryShell, testing::Values(&viewer(), &rendezvous()));

TEST_P(EveryShell, LoadsOnlyFilesThatAreThere) {
  const auto* shell = GetParam()->find("index.html");
  ASSERT_NE(shell, nullptr);
  const std::string page(as_text(shell->bytes));
  const std::regex link(R"re((?:src|href)="([^"]+)")re");
  int seen = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at, ++seen) {
    const auto target = (*at)[1].str();
    EXPECT_TRUE(target.starts_with("/assets/")) << target;
    EXPECT_NE(GetParam()->find(target.substr(1)), nullptr) << target;
  }
  EXPECT_GE(seen, 3);  // script, style, icon
}

TEST_P(EveryShell, HasNothingInlineThatThePolicyWouldBlock) {
  const std::string page(as_text(GetParam()->find("index.html")->bytes));
  EXPECT_FALSE(std::regex_search(page, std::regex(R"re(<style|\sstyle=|<script>|\son\w+=)re")));
}

TEST(ViewerAssets, ThePagesAndTheirTextsAreThere) {
  for (auto path :
       {"pages/unreachable.html", "pages/visit.html", "pages/message.html", "pages/pages.css",
        "pages/retry.js", "pages/visit.js", "pages/text.en.json", "pages/text.nl.json"}) {
    EXPECT_NE(viewer().find(path), nullptr) << path;
  }
}

TEST(PublicAssets, WhatTheFrameOfAPageNamesIsThereForServerAndViewer) {
  for (const std::string file : {"site.css", "site.js", "icon.svg"}) {
    EXPECT_NE(rendezvous().find("assets/" + file), nullptr) << file;
    EXPECT_NE(viewer().find("pages/" + file), nullptr) << file;
  }
}

TEST(StarterAssets, TheFrontPageHasAPlaceForTheName) {
  const auto* front = starter().find("index.html");
  ASSERT_NE(front, nullptr);
  EXPECT_NE(as_text(front->bytes).find("{{label}}"), std::string_view::npos);
  EXPECT_EQ(starter().find("images/shore.svg")->type, "image/svg+xml");
}

}  // namespace
}  // namespace goop::assets
