#include "wire/site_v1.h"

#include <gtest/gtest.h>

namespace goop::wire::site_v1 {
namespace {

std::string asked(std::string_view line) {
  auto path = decode_request(line);
  return path ? path->text() : std::string(name(path.error().code));
}

std::string answered(std::string_view line) {
  auto answer = decode_answer(line);
  if (!answer) return std::string(name(answer.error().code));
  if (!*answer) return "ERR " + std::string(name(errc(answer->error())));
  return fmt::format("{}|{}", (*answer)->mime, (*answer)->body_size);
}

TEST(SiteV1, A_request_is_one_line_with_a_leading_slash) {
  EXPECT_EQ(encode_request(SitePath::parse("a b/c.css").value()), "GET /a b/c.css\n");
}

TEST(SiteV1, A_directory_is_asked_for_by_its_index_file) {
  EXPECT_EQ(encode_request(SitePath()), "GET /index.html\n");
  EXPECT_EQ(encode_request(SitePath::parse("a/").value()), "GET /a/index.html\n");
}

TEST(SiteV1, A_name_that_trimming_would_change_cannot_be_asked_for) {
  EXPECT_EQ(encode_request(SitePath::parse("a ").value()).error().code, Errc::unsupported);
}

TEST(SiteV1, A_request_line_is_trimmed_and_its_path_taken_as_reference_owners_do) {
  EXPECT_EQ(asked("GET /index.html"), "index.html");
  EXPECT_EQ(asked("  GET   a b.html \r"), "a b.html");
  EXPECT_EQ(asked("GET /"), "");
  EXPECT_EQ(asked("GET /a/./b//c"), "a/b/c");
  EXPECT_EQ(asked("GET /a/../b"), "b");
  EXPECT_EQ(asked("GET /../../b"), "b");
  EXPECT_EQ(asked("GET /a/"), "a/");
}

TEST(SiteV1, A_path_that_leaves_the_site_is_forbidden) {
  EXPECT_EQ(asked("GET ../b"), "forbidden");
  EXPECT_EQ(asked("GET a/../../b"), "forbidden");
}

TEST(SiteV1, Sealed_and_foreign_lines_are_no_requests) {
  for (const char* line : {"ENC:AAAA", "POST /a", "GET", "", "get /a", "GET\t/a"}) {
    EXPECT_EQ(asked(line), "invalid") << line;
  }
  EXPECT_EQ(asked("GET /a\\b"), "invalid");
}

TEST(SiteV1, Answers_are_written_as_reference_owners_write_them) {
  SiteHead head;
  head.mime = "text/html; charset=utf-8";
  head.body_size = 1234;
  EXPECT_EQ(encode_answer(head), "OK text/html; charset=utf-8 1234\n");
  EXPECT_EQ(encode_answer(std::unexpected(SiteRefusal::bad_request)), "ERR bad request\n");
  EXPECT_EQ(encode_answer(std::unexpected(SiteRefusal::not_found)), "ERR not found\n");
  EXPECT_EQ(encode_answer(std::unexpected(SiteRefusal::forbidden)), "ERR forbidden\n");
  EXPECT_EQ(encode_answer(std::unexpected(SiteRefusal::disabled)), "ERR site disabled\n");
}

TEST(SiteV1, The_size_is_what_follows_the_last_space) {
  EXPECT_EQ(answered("OK text/html; charset=utf-8 1234"), "text/html; charset=utf-8|1234");
  EXPECT_EQ(answered("OK text/css 0\r"), "text/css|0");
  EXPECT_EQ(answered("OK  7"), "|7");
  EXPECT_EQ(answered("OK text/css 18446744073709551615"), "text/css|18446744073709551615");
}

TEST(SiteV1, Broken_answers_are_invalid) {
  for (const char* line :
       {"OK text/css", "OK text/css -1", "OK text/css +1", "OK text/css 1x", "OK text/css 0x10",
        "OK text/css 18446744073709551616", "OK text/c\ass 1", "OK css 1", "HELLO", "", "OK"}) {
    EXPECT_EQ(answered(line), "invalid") << line;
  }
}

TEST(SiteV1, Refusals_are_answers_of_the_owner) {
  EXPECT_EQ(answered("ERR not found"), "ERR not_found");
  EXPECT_EQ(answered("ERR forbidden"), "ERR forbidden");
  EXPECT_EQ(answered("ERR bad request"), "ERR invalid");
  EXPECT_EQ(answered("ERR site disabled"), "ERR unsupported");
  EXPECT_EQ(answered("ERR we are closed"), "unsupported");
}

TEST(SiteV1, A_sealed_answer_is_an_error_that_says_so) {
  const auto answer = decode_answer("EOK text/html 1234");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unsupported);
  EXPECT_NE(answer.error().detail.find("sealed"), std::string::npos);
}

}  // namespace
}  // namespace goop::wire::site_v1
