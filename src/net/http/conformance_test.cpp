// RFC 9110 and 9112, rule by rule: what comes back for bytes of a request. One table; a row is a
// section, what is sent, and what the answer has.
#include <gtest/gtest.h>

#include "net/http/limits.h"
#include "net/http/server.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::http {
namespace {

class OnePart final : public BodySource {
 public:
  Task<BytesView> next(Deadline) override {
    if (std::exchange(given_, true)) co_return BytesView{};
    co_return as_bytes("streamed");
  }

 private:
  bool given_ = false;
};

constexpr std::string_view modified = "Sun, 06 Nov 1994 08:49:37 GMT";

// /doc and /weak have validators, /plain has none, /stream has no length, /cookie shows what is
// left of the cookies, /path how the path was understood.
Task<Response> serve(Request& request) {
  const auto path = request.target.path;
  Response response;
  if (path == "/doc" || path == "/weak") {
    response.add("ETag", path == "/doc" ? "\"new\"" : "W/\"new\"");
    response.add("Last-Modified", modified);
    response.add_lines(
        "Cache-Control: no-cache\r\nContent-Encoding: br\r\nVary: Accept-Encoding\r\n");
    response.text("text/plain", "content");
  } else if (path == "/stream") {
    response.body = Response::Pulled{std::make_unique<OnePart>(), {}};
  } else if (path == "/missing") {
    response.status = 404;
    response.add("ETag", "\"new\"");
    response.text("text/plain", "no");
  } else if (path == "/cookie") {
    response.text("text/plain", fmt::format("[{}]", request.field("Cookie").value_or("none")));
  } else if (path == "/body") {
    auto body = co_await request.read_body(1000, Deadline::never());
    response.text("text/plain", body ? "[" + to_text(*body) + "]" : "too large");
  } else if (path == "/plain") {
    response.text("text/plain", "content");
  } else {
    response.text("text/plain", fmt::format("[{} {}]", request.host(), path));
  }
  co_return response;
}

struct Case {
  std::string_view rule, sent;
  int status;
  std::vector<std::string_view> has = {}, lacks = {};
};

std::string asked(std::string_view path, std::string_view fields) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n", path, fields);
}

// A GET of /doc with these fields.
struct Condition {
  std::string_view rule, path, fields;
  int status;
};

// 9110 13: the date of /doc is 6 Nov 1994, its tag is "new".
const std::vector<Condition> conditions{
    {"13.1.1 one of the list", "/doc", "If-Match: \"old\", \"new\"", 200},
    {"13.1.1 none of the list", "/doc", "If-Match: \"old\"", 412},
    {"13.1.1 any representation", "/doc", "If-Match: *", 200},
    {"13.1.1 any, of one without a tag", "/plain", "If-Match: *", 200},
    {"13.1.1 a tag, of one without", "/plain", "If-Match: \"new\"", 412},
    {"13.1.1 strong comparison: theirs is weak", "/doc", "If-Match: W/\"new\"", 412},
    {"13.1.1 strong comparison: ours is weak", "/weak", "If-Match: \"new\"", 412},
    {"13.1.1 what is no tag matches nothing", "/doc", "If-Match: new", 412},
    {"5.3 a list in two fields", "/doc", "If-Match: \"old\"\r\nIf-Match: \"new\"", 200},
    {"13.1.2 one of the list", "/doc", "If-None-Match: \"old\", \"new\"", 304},
    {"13.1.2 none of the list", "/doc", "If-None-Match: \"old\"", 200},
    {"13.1.2 any representation", "/doc", "If-None-Match: *", 304},
    {"13.1.2 weak comparison", "/doc", "If-None-Match: W/\"new\"", 304},
    {"13.1.2 weak comparison of ours", "/weak", "If-None-Match: \"new\"", 304},
    {"13.1.2 what is no tag matches nothing", "/doc", "If-None-Match: new", 200},
    {"13.1.2 a comma in a tag", "/doc", "If-None-Match: \"a,\\\", \"new\"", 304},
    {"5.3 a list in two fields", "/doc", "If-None-Match: \"old\"\r\nIf-None-Match: \"new\"", 304},
    {"13.1.3 not since then", "/doc", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 304},
    {"13.1.3 since then", "/doc", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 200},
    {"13.1.3 not since a time to come", "/doc", "If-Modified-Since: Sun, 01 Jan 2034 00:00:00 GMT",
     304},
    {"13.1.3 no date", "/doc", "If-Modified-Since: yesterday", 200},
    {"13.1.3 without a date of ours", "/plain", "If-Modified-Since: Sun, 01 Jan 2034 00:00:00 GMT",
     200},
    {"5.6.7 RFC 850", "/doc", "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", 304},
    {"5.6.7 asctime", "/doc", "If-Modified-Since: Sun Nov  6 08:49:37 1994", 304},
    {"5.6.7 asctime, before", "/doc", "If-Modified-Since: Sun Nov  6 08:49:36 1994", 200},
    {"13.1.4 not since then", "/doc", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200},
    {"13.1.4 since then", "/doc", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412},
    {"13.1.4 no date", "/doc", "If-Unmodified-Since: yesterday", 200},
    {"13.1.4 without a date of ours", "/plain",
     "If-Unmodified-Since: Sun, 04 Jan 2004 00:00:00 GMT", 200},
    {"13.2.2 step 1 before 2", "/doc",
     "If-Match: \"new\"\r\nIf-Unmodified-Since: Sun, 04 Jan 1970 00:00:00 GMT", 200},
    {"13.2.2 step 1 before 3", "/doc", "If-Match: \"old\"\r\nIf-None-Match: \"new\"", 412},
    {"13.2.2 step 2 before 3", "/doc",
     "If-Unmodified-Since: Sun, 04 Jan 1970 00:00:00 GMT\r\nIf-None-Match: \"new\"", 412},
    {"13.2.2 step 3 behind 1", "/doc", "If-Match: \"new\"\r\nIf-None-Match: \"new\"", 304},
    {"13.2.2 step 3 instead of 4", "/doc",
     "If-None-Match: \"old\"\r\nIf-Modified-Since: Sun, 01 Jan 2034 00:00:00 GMT", 200},
    {"13.2.1 only where the answer is good", "/missing", "If-None-Match: \"new\"", 404},
    {"13.2.1 only where the answer is good", "/missing", "If-Match: \"old\"", 404},
    {"11.6 lower case names", "/doc", "if-none-match: *", 304},
};

const std::vector<Case> cases{
    {"9112 2.2 an empty line before", "\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 200, {"[a /x]"}},
    {"9112 2.2 empty lines before", "\r\n\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"9112 2.2 LF alone", "GET /x HTTP/1.1\nHost: a\n\n", 400, {"Connection: close"}},
    {"9112 2.2 LF alone behind a field", "GET /x HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"9112 2.2 LF alone at the end", "GET /x HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"9112 2.2 LF alone in a cookie", "GET /x HTTP/1.1\r\nHost: a\r\nCookie: b=c\n\r\n", 400},
    {"9112 2.2 LF alone before", "\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"9112 2.2 CR alone", "GET /x HTTP/1.1\r\nHost: a\rB: c\r\n\r\n", 400},
    {"9112 2.2 space before the first field", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"9112 2.3 version 1.0", "GET /x HTTP/1.0\r\nHost: a\r\n\r\n", 200, {"Connection: close\r\n"}},
    {"9112 2.3 version 1.0 without Host", "GET /x HTTP/1.0\r\n\r\n", 200, {"[ /x]"}},
    {"9112 2.3 version 1.0 with two", "GET /x HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"9112 9.3 version 1.0 asks to stay",
     "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     200,
     {"Connection: close\r\n"}},
    {"9112 6.1 no chunks to 1.0",
     "GET /stream HTTP/1.0\r\n\r\n",
     200,
     {"\r\n\r\nstreamed"},
     {"Transfer-Encoding", "\r\n0\r\n"}},
    {"9112 6.1 no chunks from 1.0",
     "POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"9110 9.3.2 HEAD in 1.0", "HEAD /stream HTTP/1.0\r\n\r\n", 200, {}, {"streamed", "chunked"}},
    {"9110 10.1.1 no 100 to 1.0",
     "POST /body HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
     200,
     {"[hi]"},
     {"100 Continue"}},
    {"9110 2.5 a later minor version", "GET /x HTTP/1.2\r\nHost: a\r\n\r\n", 200, {"HTTP/1.1 200"}},
    {"9110 15.6.6 another major version", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"9110 15.6.6 another major version", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"9112 2.3 no version", "GET /x\r\n\r\n", 400},
    {"9112 2.3 a long version", "GET /x HTTP/1.10\r\nHost: a\r\n\r\n", 400},
    {"9112 2.3 small letters", "GET /x http/1.1\r\nHost: a\r\n\r\n", 400},
    {"9112 3 space behind the version", "GET /x HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"9112 3.2 no Host", "GET /x HTTP/1.1\r\n\r\n", 400},
    {"9112 3.2 two Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"9112 3.2 no host", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"9112 3.2 a user in it", "GET /x HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
    {"9112 3.2 two in one", "GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"9112 3.2.2 the target's host counts",
     "GET http://b:1/x HTTP/1.1\r\nHost: a\r\n\r\n",
     200,
     {"[b:1 /x]"}},
    {"9110 4.2.3 a scheme has no case",
     "GET HTTP://b/x HTTP/1.1\r\nHost: a\r\n\r\n",
     200,
     {"[b /x]"}},
    {"slashes in a path", "GET //x///y//?a=//b HTTP/1.1\r\nHost: a\r\n\r\n", 200, {"[a /x/y/]"}},
    {"slashes behind a host", "GET http://b//x HTTP/1.1\r\nHost: a\r\n\r\n", 200, {"[b /x]"}},
    {"9112 5.1 space before the colon", "GET /x HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"9112 5.2 a folded line", "GET /x HTTP/1.1\r\nHost: a\r\nB: c\r\n d\r\n\r\n", 400},
    {"9112 5.2 a folded cookie", "GET /x HTTP/1.1\r\nHost: a\r\nCookie: b=c\r\n ;d=e\r\n\r\n", 400},
    {"9112 6.1 both framings",
     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     400},
    {"9112 6.1 an unknown coding",
     "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"9112 6.3 lengths that differ",
     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
    {"9112 6.3 a length that is none",
     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400},
    {"9112 7.1 chunks",
     "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
     200,
     {"[hi]"}},
    {"9112 9.6 asked to close",
     "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
     200,
     {"Connection: close\r\n"}},
    {"9110 15.4.5 fields of a 304",
     "GET /doc HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
     304,
     {"ETag: \"new\"", "Cache-Control: no-cache", "Vary: ", "Last-Modified: "},
     {"content", "Content-Type", "Content-Encoding", "Content-Length"}},
    {"9110 13.1.1 a 412 is no part of the content",
     "GET /doc HTTP/1.1\r\nHost: a\r\nIf-Match: \"old\"\r\n\r\n",
     412,
     {"Content-Length: "},
     {"\r\n\r\ncontent", "Content-Encoding"}},
    {"9110 13.2.1 a stream is no exception",
     "GET /stream HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
     304,
     {},
     {"streamed"}},
    {"9110 13.1.2 HEAD", "HEAD /doc HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"new\"\r\n\r\n", 304},
    {"6265 5.4 cookies of others",
     "GET /cookie HTTP/1.1\r\nHost: a\r\ncookie: a=1; mine=2; b=3\r\n\r\n",
     200,
     {"[mine=2]"}},
    {"6265 5.4 none of ours",
     "GET /cookie HTTP/1.1\r\nHost: a\r\nCookie: a=1; minee=2\r\n\r\n",
     200,
     {"[]"}},
    {"6265 5.4 two of ours",
     "GET /cookie HTTP/1.1\r\nHost: a\r\nCookie: mine=1:;mine=2;a\r\n\r\n",
     200,
     {"[mine=1:; mine=2]"}},
    {"another field that begins alike",
     "GET /cookie HTTP/1.1\r\nHost: a\r\nCookies: a=1\r\n\r\n",
     200,
     {"[none]"}},
};

struct Conformance : testing::Test {
  Conformance() { server.serve(std::move(*here.listen({here.address(), 80}, {}))); }
  ~Conformance() override { rt.wait(server.stop(Deadline::after(rt.now(), 1s))); }

  Task<std::string> exchange(std::string sent) {
    auto stream = co_await there.connect({here.address(), 80}, {}, Deadline::never());
    const BytesView part = as_bytes(sent);
    co_await stream->write(std::span(&part, 1));
    stream->shutdown_write();
    std::string all;
    Bytes buffer(4096);
    for (;;) {
      const auto got = co_await stream->read_some(buffer);
      if (got == 0) co_return all;
      all += as_text(BytesView(buffer).first(got));
    }
  }
  std::string talk(std::string_view sent) { return rt.wait(exchange(std::string(sent))); }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  Server server{rt, {.name = "test", .cookies = {"mine"}}, serve};
};

TEST_F(Conformance, each_case_gets_its_answer) {
  for (const auto& one : cases) {
    const auto answer = talk(one.sent);
    const auto status = fmt::format("HTTP/1.1 {} ", one.status);
    EXPECT_TRUE(answer.starts_with(status)) << one.rule << "\n" << one.sent << answer;
    for (const auto part : one.has) {
      EXPECT_NE(answer.find(part), answer.npos) << one.rule << ": " << part << "\n" << answer;
    }
    for (const auto part : one.lacks) {
      EXPECT_EQ(answer.find(part), answer.npos) << one.rule << ": " << part << "\n" << answer;
    }
  }
}

TEST_F(Conformance, each_condition_is_judged) {
  for (const auto& one : conditions) {
    const auto answer = talk(asked(one.path, one.fields));
    EXPECT_TRUE(answer.starts_with(fmt::format("HTTP/1.1 {} ", one.status))) << one.rule << "\n"
                                                                             << one.fields << "\n"
                                                                             << answer;
  }
}

TEST_F(Conformance, a_target_that_is_too_long_and_a_head_that_is_too_large_differ) {
  const std::string large(limits::head_bytes, 'x');
  EXPECT_TRUE(talk("GET /" + large).starts_with("HTTP/1.1 414 "));
  EXPECT_TRUE(talk(asked("/", "B: " + large)).starts_with("HTTP/1.1 431 "));
}

TEST_F(Conformance, other_programs_cookies_do_not_count) {
  std::string cookies = "Cookie: ";
  for (int i = 0; i < 20; ++i) cookies += fmt::format("other{}={}; ", i, std::string(4000, 'x'));
  const auto answer = talk(asked("/cookie", cookies + "mine=1"));
  EXPECT_TRUE(answer.ends_with("[mine=1]")) << answer;
}

TEST_F(Conformance, cookies_by_our_name_that_cannot_be_ours_do_not_count) {
  std::string cookies = "Cookie: ";
  for (int i = 0; i < 20; ++i) cookies += fmt::format("mine={}; ", std::string(4000, 'x'));
  EXPECT_TRUE(talk(asked("/cookie", cookies + "mine=1")).ends_with("[mine=1]"));
  const auto fits = std::string(limits::own_cookie_bytes - 5, 'x');  // "mine="
  EXPECT_TRUE(talk(asked("/cookie", "Cookie: mine=" + fits)).ends_with("[mine=" + fits + "]"));
  EXPECT_TRUE(talk(asked("/cookie", "Cookie: mine=" + fits + "x")).ends_with("[]"));
}

TEST_F(Conformance, of_cookies_by_our_name_so_many_bytes_are_kept) {
  std::string cookies = "Cookie: ";
  for (int i = 0; i < 100; ++i) cookies += fmt::format("mine={}; ", std::string(95, 'x'));
  const auto answer = talk(asked("/cookie", cookies));
  const auto kept = std::count(answer.begin(), answer.end(), '=');
  EXPECT_EQ(kept, limits::own_cookies_bytes / 100);
}

TEST_F(Conformance, where_even_that_ends_a_page_mends_it) {
  const auto large = "Cookie: a=" + std::string(limits::cookie_bytes, 'x');
  const auto answer = talk(asked("/cookie", large));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer.substr(0, 200);
  EXPECT_NE(answer.find("Clear-Site-Data: \"cookies\"\r\n"), answer.npos);
  EXPECT_NE(answer.find("Content-Type: text/html"), answer.npos);
  EXPECT_NE(answer.find("Try again"), answer.npos);
  EXPECT_NE(answer.find("Probeer het opnieuw"), answer.npos);
}

TEST_F(Conformance, empty_lines_without_end_are_refused) {
  std::string lines;
  for (std::size_t i = 0; i <= limits::blank_lines; ++i) lines += "\r\n";
  EXPECT_TRUE(talk(lines).starts_with("HTTP/1.1 400 "));
}

TEST_F(Conformance, an_empty_line_is_no_request_that_could_be_late) {
  auto stream = rt.wait(there.connect({here.address(), 80}, {}, Deadline::never()));
  const BytesView line = as_bytes("\r\n");
  rt.wait(stream->write(std::span(&line, 1)));
  rt.run_for(limits::head_time + 1s);
  EXPECT_EQ(server.open_connections(), 1u);
  EXPECT_EQ(server.counters().by_class[4], 0u);
}

}  // namespace
}  // namespace goop::net::http
