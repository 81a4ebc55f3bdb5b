#include "codec/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "codec/limits.h"

namespace goop::codec {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string as_it_is(std::string_view target) { return std::string(target); }

Markdown read(std::string_view text, const LinkRule& rule = as_it_is) {
  auto read = read_markdown(text, rule);
  EXPECT_TRUE(read) << read.error().detail;
  return read ? *std::move(read) : Markdown{};
}
std::string html(std::string_view text) { return read(text).html; }

TEST(Markdown, Text_lists_code_and_tables_become_html) {
  EXPECT_EQ(html("*a* **b** `c`"), "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n");
  EXPECT_EQ(html("~~gone~~"), "<p><del>gone</del></p>\n");
  EXPECT_THAT(html("- x\n- y\n"), HasSubstr("<li>x</li>"));
  EXPECT_THAT(html("| a | b |\n|---|---|\n| 1 | `2` |\n"), HasSubstr("<td><code>2</code></td>"));
  EXPECT_THAT(html("see https://example.org."), HasSubstr("href=\"https://example.org\""));
}

TEST(Markdown, Raw_html_is_left_out) {
  for (const auto* hostile :
       {"<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<iframe src=//x>\n",
        "<svg/onload=alert(1)>", "<a href=\"javascript:alert(1)\">x</a>"}) {
    const auto made = html(hostile);
    EXPECT_THAT(made, Not(HasSubstr("<script")));
    EXPECT_THAT(made, Not(HasSubstr("<img")));
    EXPECT_THAT(made, Not(HasSubstr("<iframe")));
    EXPECT_THAT(made, Not(HasSubstr("<svg")));
    EXPECT_THAT(made, Not(HasSubstr("<a ")));
  }
}

TEST(Markdown, A_link_that_would_run_something_leads_nowhere) {
  for (const auto* hostile :
       {"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<b>)",
        "[x](vbscript:x)", "<javascript:alert(1)>", "![x](javascript:alert(1))"}) {
    EXPECT_THAT(html(hostile), Not(HasSubstr("\"javascript"))) << hostile;
    EXPECT_THAT(html(hostile), Not(HasSubstr("cript:alert(1)\""))) << hostile;
    EXPECT_THAT(html(hostile), Not(HasSubstr("\"data:"))) << hostile;
  }
}

TEST(Markdown, What_is_special_in_html_is_escaped_everywhere) {
  EXPECT_EQ(html("a < b & \"c\""), "<p>a &lt; b &amp; &quot;c&quot;</p>\n");
  EXPECT_THAT(html("[x](/a\"b \"t\\\"<\")"), Not(HasSubstr("\"b")));
  EXPECT_THAT(html("# <b>&\"\n"), Not(HasSubstr("<b>")));
  EXPECT_THAT(html("```\"><script>\nx\n```\n"), Not(HasSubstr("<script>")));
}

TEST(Markdown, Headings_have_the_ids_that_github_gives_them) {
  const auto made = read("# Goop2: the `manual`\n## Step 1 & 2\n### Step\n### Step\n");
  EXPECT_THAT(made.html, HasSubstr("<h1 id=\"goop2-the-manual\">\nGoop2: the <code>manual"));
  EXPECT_THAT(made.html, HasSubstr("<h2 id=\"step-1--2\">"));
  EXPECT_THAT(made.html, HasSubstr("<h3 id=\"step\">"));
  EXPECT_THAT(made.html, HasSubstr("<h3 id=\"step-1\">"));
}

TEST(Markdown, Links_and_pictures_are_sent_where_the_rule_says) {
  const auto rule = [](std::string_view target) { return fmt::format("/docs/{}", target); };
  const auto made = read("[a](b.md#c) ![d](e.png)", rule).html;
  EXPECT_THAT(made, HasSubstr("href=\"/docs/b.md#c\""));
  EXPECT_THAT(made, HasSubstr("src=\"/docs/e.png\""));
}

TEST(Markdown, A_rule_cannot_make_a_link_dangerous) {
  const auto rule = [](std::string_view) { return std::string("javascript:alert(1)"); };
  EXPECT_THAT(read("[a](b)", rule).html, Not(HasSubstr("javascript")));
}

// The text of what stands in a heading belongs to the heading, for the library.
TEST(Markdown, A_heading_may_hold_anything) {
  const auto html = read_markdown("# ![<b> a](p) <i>c</i>", as_it_is)->html;
  EXPECT_NE(html.find("alt=\"&lt;b&gt; a\""), html.npos) << html;
}

TEST(Markdown, A_table_without_names_for_its_columns_has_no_row_of_names) {
  const auto made = html("| | |\n|---|---|\n| a | b |\n");
  EXPECT_THAT(made, Not(HasSubstr("<th>")));
  EXPECT_THAT(made, HasSubstr("<td>a</td>"));
}

TEST(Markdown, Sections_say_what_stands_under_which_heading) {
  const auto made =
      read("before\n# One\nfirst *line*\nsecond `code`\n## Two\n| a |\n|---|\n| b |\n");
  ASSERT_EQ(made.sections.size(), 3u);
  EXPECT_EQ(made.sections[0].text, "before ");
  EXPECT_EQ(made.sections[1].title, "One");
  EXPECT_EQ(made.sections[1].text, "first line second code ");
  EXPECT_EQ(made.sections[2].id, "two");
  EXPECT_EQ(made.sections[2].level, 2);
  EXPECT_EQ(made.sections[2].text, "a b ");
}

TEST(Markdown, Nothing_is_a_section_without_text) {
  EXPECT_EQ(read("").html, "");
  EXPECT_EQ(read("").sections.size(), 1u);
}

TEST(Markdown, What_is_no_utf8_is_refused) {
  EXPECT_EQ(read_markdown("a\xff", as_it_is).error().code, Errc::invalid);
}

TEST(Markdown, The_size_has_an_end) {
  const std::string text(limits::markdown_bytes, 'x');
  EXPECT_TRUE(read_markdown(text, as_it_is));
  EXPECT_EQ(read_markdown(text + "x", as_it_is).error().code, Errc::too_large);
}

TEST(Markdown, Nesting_has_an_end) {
  const auto quoted = [](std::size_t depth) { return std::string(depth, '>') + " x"; };
  // document, quotes, paragraph, text
  EXPECT_TRUE(read_markdown(quoted(limits::markdown_nesting - 3), as_it_is));
  EXPECT_EQ(read_markdown(quoted(limits::markdown_nesting - 2), as_it_is).error().code,
            Errc::too_large);
}

TEST(Markdown, Texts_made_to_be_slow_are_answered) {
  for (const std::string unit : {"[", "![", "> ", "- ", "*a_ ", "`a``", "<", "&", "www.", "a@", "|",
                                 "[a](<", "~~x", "![[]()", "\\", "http://", "<!--", "[^a]:"}) {
    std::string text;
    while (text.size() + unit.size() <= limits::markdown_bytes) text += unit;
    EXPECT_TRUE(read_markdown(text, as_it_is) || unit.size() < 3) << unit;
  }
}

}  // namespace
}  // namespace goop::codec
