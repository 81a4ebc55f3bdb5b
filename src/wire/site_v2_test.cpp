#include "wire/site_v2.h"

#include <gtest/gtest.h>

#include "wire/site_limits.h"

namespace goop::wire::site_v2 {
namespace {

SiteRequest full_request() {
  SiteRequest request;
  request.path = SitePath::parse("images/a b.png").value();
  request.range = SiteRange::between(10, 19);
  request.if_none_match = "4d2-cafe";
  request.if_range = "4d2-beef";
  request.accept = {.gzip = true, .br = true};
  return request;
}

SiteHead full_head() {
  SiteHead head;
  head.mime = "text/css; charset=utf-8";
  head.etag = "4d2-cafe-br";
  head.total_size = 1234;
  head.body_size = 321;
  head.encoding = SiteEncoding::br;
  head.modified = 1700000000;
  return head;
}

bool bad_request(std::string_view head) {
  const auto request = decode_request(head);
  return !request &&
         (request.error().code == Errc::invalid || request.error().code == Errc::too_large);
}

bool bad_answer(std::string_view head) {
  const auto answer = decode_answer(head);
  return !answer && answer.error().code == Errc::invalid;
}

TEST(SiteV2, A_request_names_path_and_conditions) {
  EXPECT_EQ(encode_request(full_request()),
            "GET /images/a b.png\naccept: br gzip\nrange: 10-19\nif-none-match: 4d2-cafe\n"
            "if-range: 4d2-beef\n");
  EXPECT_EQ(encode_request(SiteRequest{}), "GET /\n");
}

TEST(SiteV2, A_request_survives_the_way) {
  for (const auto& range :
       {std::optional<SiteRange>(), std::optional(SiteRange::from(7)),
        std::optional(SiteRange::tail(500)), std::optional(SiteRange::between(3, 3))}) {
    for (const SiteWant want : {SiteWant::content, SiteWant::head}) {
      SiteRequest request = full_request();
      request.range = range;
      request.want = want;
      EXPECT_EQ(decode_request(encode_request(request)), request);
    }
  }
}

TEST(SiteV2, An_answer_survives_the_way) {
  SiteHead partial = full_head();
  partial.status = SiteStatus::partial;
  partial.encoding = SiteEncoding::identity;
  partial.range = SiteSpan{10, 321};
  SiteHead unchanged;
  unchanged.status = SiteStatus::not_modified;
  unchanged.etag = "x";
  SiteHead directory;
  directory.status = SiteStatus::directory;
  SiteHead outside;
  outside.status = SiteStatus::unsatisfiable;
  outside.total_size = 99;
  for (const SiteHead& head : {full_head(), partial, unchanged, directory, outside}) {
    EXPECT_EQ(decode_answer(encode_answer(head)).value(), head);
  }
  for (const SiteRefusal refusal :
       {SiteRefusal::bad_request, SiteRefusal::not_found, SiteRefusal::forbidden, SiteRefusal::busy,
        SiteRefusal::disabled}) {
    const SiteAnswer answer = std::unexpected(refusal);
    EXPECT_EQ(decode_answer(encode_answer(answer)).value(), answer);
  }
}

TEST(SiteV2, An_answer_is_a_word_and_fields) {
  EXPECT_EQ(encode_answer(full_head()),
            "ok\ntype: text/css; charset=utf-8\netag: 4d2-cafe-br\nsize: 1234\nlength: 321\n"
            "encoding: br\nmodified: 1700000000\n");
  EXPECT_EQ(encode_answer(std::unexpected(SiteRefusal::not_found)), "not_found\n");
}

TEST(SiteV2, Fields_that_nobody_knows_yet_are_passed_over) {
  EXPECT_TRUE(decode_request("GET /a\nx-later: 1\naccept: zstd br\n").value().accept.br);
  EXPECT_TRUE(decode_answer("not_found\nhint: try later\n"));
}

TEST(SiteV2, Broken_requests_are_told_apart_from_good_ones) {
  for (const char* head : {"",
                           "GET /a",
                           "GET a\n",
                           "POST /a\n",
                           "get /a\n",
                           "GET /../a\n",
                           "GET /a\\b\n",
                           "GET //a\n",
                           "GET /a\nrange\n",
                           "GET /a\nrange: \n",
                           "GET /a\nrange: -\n",
                           "GET /a\nrange: 5-4\n",
                           "GET /a\nrange: 1-2,4-5\n",
                           "GET /a\nrange: 1-2\nrange: 1-2\n",
                           "GET /a\n: x\n",
                           "GET /a\nrange: 9223372036854775808-\n",
                           "GET /a\nif-none-match: a b\n",
                           "GET /a\nif-none-match: \"a\"\n",
                           "GET /a\nif-none-match: \n",
                           "GET /a\n\n",
                           "GET /a\nx:y\n"}) {
    EXPECT_TRUE(bad_request(head)) << head;
  }
}

TEST(SiteV2, Answers_whose_numbers_disagree_are_refused) {
  for (const char* head : {"ok\n",
                           "ok\nsize: 5\n",
                           "ok\nlength: 5\n",
                           "ok\nsize: 5\nlength: 4\n",
                           "ok\nsize: 5\nlength: 5\nrange: 0-4\n",
                           "ok\nsize: 5\nlength: 5\nencoding: zstd\n",
                           "partial\nsize: 9\nlength: 5\n",
                           "partial\nsize: 9\nlength: 5\nrange: 0-5\n",
                           "partial\nsize: 9\nlength: 5\nrange: 5-9\n",
                           "partial\nsize: 9\nlength: 5\nrange: 5-\n",
                           "partial\nsize: 9\nlength: 5\nrange: 0-4\nencoding: br\n",
                           "partial\nsize: 9\nlength: 5\nrange: 0-9223372036854775807\n",
                           "range_not_satisfiable\n",
                           "not_modified\nlength: 1\n",
                           "directory\nencoding: br\n",
                           "ok\nsize: -1\nlength: -1\n",
                           "fine\n",
                           "ok",
                           "",
                           "ok\nsize: 1\nsize: 1\nlength: 1\n",
                           "ok\nsize: 1\nlength: 1\ntype: x\n",
                           "ok\nsize: 1\nlength: 1\ntype: text/\x01\n",
                           "ok\nsize: 1\nlength: 1\netag: a b\n"}) {
    EXPECT_TRUE(bad_answer(head)) << head;
  }
}

TEST(SiteV2, Every_cap_of_a_head_holds) {
  const std::string request = "GET /a\n", answer = "ok\nsize: 1\nlength: 1\n";
  std::string fields;
  for (std::size_t i = 0; i < limits::site_head_fields; ++i) fields += "x: y\n";
  EXPECT_TRUE(decode_request(request + fields));
  EXPECT_TRUE(bad_request(request + fields + "x: y\n"));

  const std::string filler =
      "x: " + std::string(limits::site_head_bytes - request.size() - 4, 'y') + "\n";
  EXPECT_TRUE(decode_request(request + filler));
  EXPECT_TRUE(bad_request(request + "y" + filler));
  EXPECT_TRUE(bad_answer(answer + std::string(limits::site_head_bytes, 'y')));

  const std::string etag(limits::site_etag_bytes, 'e');
  EXPECT_TRUE(decode_request(request + "if-range: " + etag + "\n"));
  EXPECT_TRUE(bad_request(request + "if-range: " + etag + "e\n"));

  const std::string mime = "a/" + std::string(limits::site_mime_bytes - 2, 'b');
  EXPECT_TRUE(decode_answer(answer + "type: " + mime + "\n"));
  EXPECT_TRUE(bad_answer(answer + "type: " + mime + "b\n"));

  EXPECT_TRUE(bad_request("GET /" + std::string(limits::site_path_bytes + 1, 'a') + "\n"));
}

TEST(SiteRangeTest, Ranges_resolve_as_in_http) {
  EXPECT_EQ(resolve(SiteRange::between(0, 4), 10), (SiteSpan{0, 5}));
  EXPECT_EQ(resolve(SiteRange::between(5, 99), 10), (SiteSpan{5, 5}));
  EXPECT_EQ(resolve(SiteRange::from(9), 10), (SiteSpan{9, 1}));
  EXPECT_EQ(resolve(SiteRange::from(10), 10), std::nullopt);
  EXPECT_EQ(resolve(SiteRange::tail(3), 10), (SiteSpan{7, 3}));
  EXPECT_EQ(resolve(SiteRange::tail(99), 10), (SiteSpan{0, 10}));
  EXPECT_EQ(resolve(SiteRange::tail(0), 10), std::nullopt);
  EXPECT_EQ(resolve(SiteRange::from(0), 0), std::nullopt);
  EXPECT_EQ(resolve(SiteRange::tail(1), 0), std::nullopt);
}

}  // namespace
}  // namespace goop::wire::site_v2
