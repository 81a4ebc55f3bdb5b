#include "wire/site_path.h"

#include <gtest/gtest.h>

#include "wire/site_limits.h"

namespace goop::wire {
namespace {

std::string parsed(std::string_view text) {
  auto path = SitePath::parse(text);
  return path ? path->text() : std::string(name(path.error().code));
}

std::string from_url(std::string_view text) {
  auto path = SitePath::from_url(text);
  return path ? path->text() : std::string(name(path.error().code));
}

TEST(SitePath, A_leading_slash_is_dropped_and_a_trailing_one_kept) {
  EXPECT_EQ(parsed("/a/b.html"), "a/b.html");
  EXPECT_EQ(parsed("a/b.html"), "a/b.html");
  EXPECT_EQ(parsed("/a/"), "a/");
  EXPECT_EQ(parsed("/"), "");
  EXPECT_EQ(parsed(""), "");
}

TEST(SitePath, Spaces_dots_and_any_language_are_names) {
  EXPECT_EQ(parsed("/my pictures/…été.png"), "my pictures/…été.png");
  EXPECT_EQ(parsed("..."), "...");
  EXPECT_EQ(parsed("a..b"), "a..b");
  EXPECT_EQ(parsed(".hidden"), ".hidden");  // whether it may be read is the store's rule
  EXPECT_EQ(parsed("100%"), "100%");        // text is decoded already
}

TEST(SitePath, Ways_up_and_empty_segments_are_refused) {
  for (const char* text :
       {"..", "../a", "a/..", "a/../b", ".", "./a", "a/.", "a//b", "//a", "a//"}) {
    EXPECT_EQ(parsed(text), "invalid") << text;
  }
}

TEST(SitePath, Backslashes_control_characters_and_broken_text_are_refused) {
  for (const std::string_view text :
       {std::string_view("a\\b"), std::string_view("..\\a"), std::string_view("a\0b", 3),
        std::string_view("a\nb"), std::string_view("a\x7f"), std::string_view("a\xff"),
        std::string_view("\xc0\xafx"), std::string_view("\xed\xa0\x80")}) {
    EXPECT_EQ(parsed(text), "invalid");
  }
}

TEST(SitePath, The_longest_path_passes_and_one_byte_more_does_not) {
  EXPECT_EQ(parsed("/" + std::string(limits::site_path_bytes, 'a')).size(),
            limits::site_path_bytes);
  EXPECT_EQ(parsed("/" + std::string(limits::site_path_bytes + 1, 'a')), "too_large");
  EXPECT_EQ(from_url(std::string(3 * limits::site_path_bytes + 2, 'a')), "too_large");
  std::string escaped = "/";
  for (std::size_t i = 0; i < limits::site_path_bytes; ++i) escaped += "%41";
  EXPECT_EQ(from_url(escaped), std::string(limits::site_path_bytes, 'A'));
}

TEST(SitePath, A_url_is_decoded_once) {
  EXPECT_EQ(from_url("/a%20b/%C3%A9.png"), "a b/é.png");
  EXPECT_EQ(from_url("/100%25"), "100%");
  EXPECT_EQ(from_url("/%252e%252e/a"), "%2e%2e/a");
}

TEST(SitePath, What_a_url_hides_is_refused) {
  for (const char* url : {"/%2e%2e/a", "/a%2fb", "/a%5Cb", "/a%00b", "/a%0ab", "/%", "/%4", "/%zz",
                          "/a/%2E%2E%2F", "/%c0%ae%c0%ae/", "/a%2F..%2Fb"}) {
    EXPECT_EQ(from_url(url), "invalid") << url;
  }
}

TEST(SitePath, To_url_is_the_inverse_of_from_url) {
  for (const char* text : {"", "a/b.html", "a b/é.png", "100%", "q?x#y", "a/", "~user/(1)+2;3,4"}) {
    const SitePath path = SitePath::parse(text).value();
    EXPECT_EQ(SitePath::from_url(path.to_url()).value(), path) << path.to_url();
  }
  EXPECT_EQ(SitePath::parse("a b/é?#").value().to_url(), "a%20b/%C3%A9%3F%23");
}

TEST(SitePath, Join_puts_a_name_into_a_directory) {
  EXPECT_EQ(SitePath().join("index.html").value().text(), "index.html");
  EXPECT_EQ(SitePath::parse("a/").value().join("index.html").value().text(), "a/index.html");
  EXPECT_FALSE(SitePath::parse("a/").value().join("../b"));
}

}  // namespace
}  // namespace goop::wire
