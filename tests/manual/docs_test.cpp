// The manual as it is built into the program: complete, and every link in it leads somewhere.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "assets/manual.h"
#include "manual/manual.h"

namespace goop::manual {
namespace {

std::set<std::string> all_of(const std::string& html, const char* pattern) {
  std::set<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator at(html.begin(), html.end(), expression), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

struct Docs : testing::Test {
  Manual manual{&assets::manual()};
  std::string body(const std::string& slug) { return manual.show(slug, {}, "en").body; }
  static std::string slug_of(std::string_view file) {
    return file == "README.md" ? "" : std::string(file.substr(0, file.size() - 3));
  }
};

TEST_F(Docs, Every_file_is_a_page_with_a_title) {
  for (const auto& file : assets::manual().all()) {
    const auto shown = manual.show(slug_of(file.path), {}, "en");
    EXPECT_EQ(shown.status, 200) << file.path << " is linked from nowhere";
    EXPECT_FALSE(shown.title.empty()) << file.path;
  }
}

TEST_F(Docs, Every_link_leads_somewhere) {
  int links = 0;
  for (const auto& file : assets::manual().all()) {
    const auto page = body(slug_of(file.path));
    for (const auto& target : all_of(page, "href=\"([^\"]*)\"")) {
      ++links;
      if (target.find("://") != target.npos) continue;
      const auto hash = std::min(target.find('#'), target.size());
      const auto path = target.substr(0, hash);
      ASSERT_TRUE(path.empty() || path.starts_with(docs_path)) << file.path << ": " << target;
      const auto other = path.empty() ? page : body(path.substr(docs_path.size()));
      if (!path.empty()) {
        EXPECT_EQ(manual.show(path.substr(docs_path.size()), {}, "en").status, 200)
            << file.path << ": " << target;
      }
      if (hash == target.size()) continue;
      EXPECT_TRUE(all_of(other, "id=\"([^\"]*)\"").contains(target.substr(hash + 1)))
          << file.path << ": " << target;
    }
  }
  EXPECT_GT(links, 20);
}

TEST_F(Docs, Nothing_was_left_out_as_raw_html) {
  for (const auto& file : assets::manual().all()) {
    EXPECT_EQ(body(slug_of(file.path)).find("raw HTML omitted"), std::string::npos) << file.path;
  }
}

TEST_F(Docs, What_people_look_for_is_found) {
  for (const auto* words :
       {"q=rendezvous_wan", "q=password", "q=identity", "q=caddy", "q=firewall"}) {
    EXPECT_NE(manual.show("search", words, "en").body.find("<mark>"), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace goop::manual
