#include "manual/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manual/frame.h"
#include "manual/limits.h"

namespace goop::manual {
namespace {

using testing::HasSubstr;
using testing::Not;

BytesView bytes(std::string_view text) { return as_bytes(text); }

const AssetSet& files() {
  static const Asset list[] = {
      {"README.md",
       "text/markdown",
       bytes("# The book\n\n[One](one.md), [two](two.md#b)\n"),
       {},
       ""},
      {"lost.md", "text/markdown", bytes("# Nobody links here\n"), {}, ""},
      {"one.md",
       "text/markdown",
       bytes("# Chapter one\n\nSheep graze.\n\n## Wool & \"yarn\"\n\nSpinning <b>wool</b> &lt;.\n"),
       {},
       ""},
      {"two.md",
       "text/markdown",
       bytes("# Chapter two\n\nSee [one](one.md) and [x](https://example.org/a.md).\n\n"
             "## B\n\nThe sheepdog keeps sheep.\n"),
       {},
       ""},
  };
  static const AssetSet set(list);
  return set;
}

struct Book : testing::Test {
  Manual manual{&files()};
  std::string page(std::string_view path) { return manual.show(path, {}, "en").body; }
  std::string found(std::string_view words) {
    return manual.show("search", fmt::format("q={}", words), "en").body;
  }
};

TEST_F(Book, The_front_page_is_the_readme) {
  EXPECT_EQ(manual.show("", {}, "en").status, 200);
  EXPECT_EQ(manual.show("", {}, "en").title, "The book");
  EXPECT_THAT(page(""), HasSubstr("<h1 id=\"the-book\">"));
}

TEST_F(Book, Links_between_files_are_links_between_pages) {
  EXPECT_THAT(page(""), HasSubstr("href=\"/docs/two#b\""));
  EXPECT_THAT(page("two"), HasSubstr("<a href=\"/docs/one\">one</a>"));
  EXPECT_THAT(page("two"), HasSubstr("href=\"https://example.org/a.md\""));
}

TEST_F(Book, Pages_are_in_the_order_of_the_links_to_them) {
  EXPECT_THAT(page("one"), HasSubstr("<a rel=\"prev\" href=\"/docs/\">← The book</a>"));
  EXPECT_THAT(page("one"), HasSubstr("<a rel=\"next\" href=\"/docs/two\">Chapter two →</a>"));
  EXPECT_THAT(page("two"), Not(HasSubstr("rel=\"next\"")));
  EXPECT_THAT(page(""), Not(HasSubstr("rel=\"prev\"")));
}

TEST_F(Book, The_contents_mark_where_one_is_and_list_its_parts) {
  EXPECT_THAT(page("one"), HasSubstr("<a href=\"/docs/one\" aria-current=\"page\""));
  EXPECT_THAT(page("one"), HasSubstr("<a href=\"#wool--yarn\">Wool &amp; &quot;yarn&quot;</a>"));
  EXPECT_THAT(page("two"), Not(HasSubstr("#wool--yarn")));
}

TEST_F(Book, What_there_is_not_is_a_page_that_says_so) {
  for (const auto* path :
       {"three", "lost", "README", "README.md", "one.md", "one/", "../one", "a/b"}) {
    EXPECT_EQ(manual.show(path, {}, "en").status, 404) << path;
  }
  EXPECT_THAT(page("three"), HasSubstr("href=\"/docs/\""));
}

TEST_F(Book, Without_files_everything_is_missing) {
  Manual empty(nullptr);
  EXPECT_EQ(empty.show("", {}, "en").status, 404);
  EXPECT_EQ(empty.show("search", "q=x", "en").status, 200);
}

TEST_F(Book, A_search_finds_words_by_their_beginnings_without_case) {
  EXPECT_THAT(found("SPIN"), HasSubstr("<a href=\"/docs/one#wool--yarn\">"));
  EXPECT_THAT(found("graz"), HasSubstr("<mark>graz</mark>e"));
  EXPECT_THAT(found("pinning"), Not(HasSubstr("<mark>")));
}

TEST_F(Book, Every_word_has_to_be_there) {
  EXPECT_THAT(found("sheep+dog"), Not(HasSubstr("<mark>")));
  EXPECT_THAT(found("sheep+keeps"), HasSubstr("/docs/two#b"));
  EXPECT_THAT(found("sheep+keeps"), Not(HasSubstr("<mark>sheep</mark> graze")));
}

TEST_F(Book, A_title_is_found_before_a_text) {
  const auto body = found("chapter+two");
  EXPECT_THAT(body, HasSubstr("Chapter two"));
  const auto wool = found("wool");
  EXPECT_THAT(wool, HasSubstr("/docs/one#wool--yarn"));
}

TEST_F(Book, What_was_searched_for_is_text) {
  const auto body = found("%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
  EXPECT_THAT(body, Not(HasSubstr("<script")));
  EXPECT_THAT(body, HasSubstr("value=\"&quot;&gt;&lt;script&gt;"));
  EXPECT_EQ(manual.show("search", "q=%ff", "en").status, 200);
  EXPECT_EQ(manual.show("search", "", "en").status, 200);
}

TEST_F(Book, A_snippet_is_text) {
  EXPECT_THAT(found("spinning"), HasSubstr("<mark>Spinning</mark> wool &lt;."));
}

TEST_F(Book, A_long_question_is_cut_at_a_whole_character) {
  std::string long_one(limits::query_bytes - 1, 'x');
  for (int i = 0; i < 10; ++i) long_one += "%E2%82%AC";
  const auto body = found(long_one);
  EXPECT_THAT(body,
              HasSubstr(fmt::format("value=\"{}\"", std::string(limits::query_bytes - 1, 'x'))));
}

TEST_F(Book, Words_around_the_text_are_in_the_readers_language) {
  EXPECT_THAT(manual.show("one", {}, "nl").body, HasSubstr("Zoek in de handleiding"));
  EXPECT_THAT(manual.show("one", {}, "nl").body, HasSubstr("<article lang=\"en\">"));
}

// --- search by itself ---

Place place(std::string title, std::string text) { return {"/docs/x", "Page", title, text}; }

TEST(Search, The_number_of_results_has_an_end) {
  std::vector<Place> places(limits::results + 5, place("a", "word"));
  EXPECT_EQ(Search(std::move(places)).find("word").size(), limits::results);
}

TEST(Search, Words_beyond_the_cap_do_not_count) {
  std::string query;
  for (std::size_t i = 0; i < limits::query_words; ++i) query += "word ";
  EXPECT_EQ(Search({place("a", "word")}).find(query + "missing").size(), 1u);
}

TEST(Search, A_snippet_begins_near_what_was_found_and_has_an_end) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += fmt::format("filler{} ", i);
  const auto found = Search({place("a", text + "needle " + text)}).find("needle");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].snippet, HasSubstr("<mark>needle</mark>"));
  EXPECT_TRUE(found[0].snippet.starts_with("… "));
  EXPECT_LE(found[0].snippet.size(), limits::snippet_bytes + 40);
}

TEST(Search, Names_of_settings_are_found_by_each_of_their_words) {
  const Search search({place("a", "presence.rendezvous_wan is a setting")});
  for (const auto* query : {"rendezvous_wan", "wan", "presence.rend", "RENDEZVOUS"}) {
    EXPECT_EQ(search.find(query).size(), 1u) << query;
  }
}

TEST(Search, Whole_words_in_titles_come_first) {
  const Search search({place("other", "port ports"), place("porter", ""), place("port", "")});
  const auto found = search.find("port");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].place->title, "port");
  EXPECT_EQ(found[1].place->title, "porter");
}

// --- frame ---

TEST(Frame, The_readers_first_language_of_ours_is_taken) {
  EXPECT_EQ(choose_language(""), "en");
  EXPECT_EQ(choose_language("nl-NL,nl;q=0.9,en;q=0.8"), "nl");
  EXPECT_EQ(choose_language("de, en;q=0.5, nl;q=0.7"), "nl");
  EXPECT_EQ(choose_language("de,fr"), "en");
  EXPECT_EQ(choose_language("nl;q=0"), "en");
  EXPECT_EQ(choose_language("nlx, en-GB"), "en");
  EXPECT_EQ(choose_language(";;,,q=,nl;q=x"), "en");
}

TEST(Frame, Everything_but_the_body_is_escaped) {
  const auto page = framed({.language = "en\"><b>",
                            .title = "<b>",
                            .home = "<b>",
                            .links = {{"\"><b>", "<b>", true}},
                            .footer = "<b>",
                            .body = "<i>"});
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, HasSubstr("<i>"));
}

TEST(Frame, Nothing_is_inline_that_the_policy_would_block) {
  const auto page =
      framed({.language = "nl", .title = "x", .home = "y", .links = {}, .footer = "", .body = ""});
  for (const auto* part : {"<style", " style=", "<script>", " onclick", "javascript:"}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace goop::manual
