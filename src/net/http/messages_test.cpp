// The pure parts: targets, heads, routes, conditions, types, event streams.
#include <gtest/gtest.h>

#include "net/http/conditional.h"
#include "net/http/date.h"
#include "net/http/escape.h"
#include "net/http/limits.h"
#include "net/http/mime.h"
#include "net/http/parser.h"
#include "net/http/router.h"
#include "net/http/sse.h"

namespace goop::net::http {
namespace {

using Segments = std::vector<std::string>;

Result<Segments> segments(std::string_view text) {
  Target target;
  if (auto ok = parse_target(text, target); !ok) return std::unexpected(ok.error());
  return target.segments;
}

TEST(Target, splits_and_decodes) {
  EXPECT_EQ(segments("/"), Segments{});
  EXPECT_EQ(segments("/a/b%20c?x=/../"), (Segments{"a", "b c"}));
  EXPECT_EQ(segments("/a/"), (Segments{"a", ""}));
  Target target;
  ASSERT_TRUE(parse_target("http://127.0.0.1:8/p?q=1", target));
  EXPECT_EQ(target.authority, "127.0.0.1:8");
  EXPECT_EQ(target.path, "/p");
  EXPECT_EQ(target.query, "q=1");
}

TEST(Target, refuses_what_programs_disagree_about) {
  for (const auto* text :
       {"", "*", "a/b", "/a/../b", "/a/./b", "/%2e%2e/b", "/a%2fb", "/a%5cb", "/a\\b", "/a%00",
        "/a%0a", "/a%", "/a%4", "/a%zz", "/a#b", "http://", "ftp://x/"}) {
    EXPECT_FALSE(segments(text)) << text;
  }
}

TEST(Target, finds_query_values) {
  EXPECT_EQ(query_value("a=1&b=x%20y", "b"), "x y");
  EXPECT_EQ(query_value("a=1&ab=2", "b"), std::nullopt);
  EXPECT_EQ(query_value("b=%zz", "b"), std::nullopt);
  EXPECT_EQ(percent_encode("a b/ö"), "a%20b%2F%C3%B6");
}

// What a parser made of a request fed in pieces of `step` bytes.
struct Parsed {
  std::optional<Error> error;
  bool done = false;
  std::string path, body, host;
  std::size_t taken = 0;
};
Parsed parse(std::string_view text, std::size_t step) {
  Request request;
  RequestParser parser;
  parser.start(request);
  Parsed out;
  std::size_t end = 0;
  while (!parser.done()) {
    auto fed = parser.feed(as_bytes(text.substr(out.taken, end - out.taken)));
    if (!fed) {
      out.error = fed.error();
      return out;
    }
    out.taken += fed->taken;
    out.body += as_text(fed->body);
    if (fed->taken > 0) continue;
    if (end == text.size()) break;
    end = std::min(end + step, text.size());
  }
  out.done = parser.done();
  out.path = request.target.path;
  out.host = request.host();
  return out;
}

TEST(RequestParser, gives_the_same_in_every_chunk_size) {
  const std::string_view text =
      "POST /api/x?y HTTP/1.1\r\nHost: h:1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\nGET /next";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const auto parsed = parse(text, step);
    ASSERT_TRUE(parsed.done) << step << (parsed.error ? parsed.error->detail : "");
    EXPECT_EQ(parsed.path, "/api/x");
    EXPECT_EQ(parsed.host, "h:1");
    EXPECT_EQ(parsed.body, "hello world");
    EXPECT_EQ(text.substr(parsed.taken), "GET /next");
  }
}

TEST(RequestParser, takes_an_empty_chunked_body_byte_by_byte) {
  const auto parsed =
      parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1);
  EXPECT_TRUE(parsed.done);
  EXPECT_EQ(parsed.body, "");
}

TEST(RequestParser, refuses_what_could_be_smuggled) {
  const auto code = [](std::string_view rest) {
    const auto parsed = parse("GET / HTTP/1.1\r\n" + std::string(rest) + "\r\n\r\n", 1000);
    return parsed.error ? std::optional(parsed.error->code) : std::nullopt;
  };
  EXPECT_EQ(code("Host: a"), std::nullopt);
  EXPECT_EQ(code("Accept: a"), Errc::invalid);  // no Host
  EXPECT_EQ(code("Host: a\r\nHost: a"), Errc::invalid);
  EXPECT_EQ(code("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"), Errc::invalid);
  EXPECT_EQ(code("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1"), Errc::invalid);
  EXPECT_EQ(code("Host: a\r\nContent-Length: 1\r\nContent-Length: 2"), Errc::invalid);
  EXPECT_EQ(code("Host: a\r\nContent-Length: -1"), Errc::invalid);
  EXPECT_EQ(code("Host: a\r\nTransfer-Encoding: gzip"), Errc::unsupported);
  EXPECT_EQ(code("Host: a\r\nTransfer-Encoding: gzip, chunked"), Errc::unsupported);
  EXPECT_EQ(code("Host : a"), Errc::invalid);
  EXPECT_EQ(parse("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 1000).error->code, Errc::unsupported);
  EXPECT_EQ(parse("GET /../x HTTP/1.1\r\nHost: a\r\n\r\n", 1000).error->code, Errc::invalid);
}

TEST(RequestParser, caps_size_and_count_of_fields) {
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < limits::head_fields; ++i) many += "A: b\r\n";
  EXPECT_EQ(parse(many + "\r\n", 100'000).error->code, Errc::too_large);
  const std::string large(limits::head_bytes, 'x');
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nB: " + large + "\r\n\r\n", 100'000).error->code,
            Errc::too_large);
}

TEST(Router, prefers_literals_and_keeps_the_rest_encoded) {
  Router router;
  router.add(Method::get, "/", 0);
  router.add(Method::get, "/p/{peer}/{path...}", 1);
  router.add(Method::get, "/api/self", 2);
  router.add(Method::post, "/api/{name}", 3);
  router.add(Method::post, "/api/self", 4);
  Target target;
  const auto match = [&](Method method, std::string_view text) {
    EXPECT_TRUE(parse_target(text, target));
    return router.match(method, target);
  };
  EXPECT_EQ(match(Method::head, "/").route, 0u);
  const auto site = match(Method::get, "/p/me/a%20b/c.html?q");
  EXPECT_EQ(site.route, 1u);
  EXPECT_EQ(site.values[0], "me");
  EXPECT_EQ(site.rest, "a%20b/c.html");
  EXPECT_EQ(match(Method::get, "/p/me").rest, "");
  EXPECT_EQ(match(Method::get, "/p/me").kind, Match::Kind::route);
  EXPECT_EQ(match(Method::post, "/api/self").route, 4u);
  EXPECT_EQ(match(Method::post, "/api/other").values[0], "other");
  EXPECT_EQ(match(Method::put, "/api/self").kind, Match::Kind::wrong_method);
  EXPECT_EQ(match(Method::put, "/api/self").allow, "GET, HEAD, POST");
  EXPECT_EQ(match(Method::get, "/nothing").kind, Match::Kind::none);
  EXPECT_EQ(match(Method::get, "/api/self/more").kind, Match::Kind::none);
}

TEST(Conditional, reads_a_single_range) {
  EXPECT_EQ(parse_range("bytes=0-99"), (RangeSpec{0, 99, {}}));
  EXPECT_EQ(parse_range("bytes=5-"), (RangeSpec{5, {}, {}}));
  EXPECT_EQ(parse_range("bytes=-7"), (RangeSpec{{}, {}, 7}));
  for (const auto* text :
       {"", "bytes", "bytes=", "bytes=-", "bytes=2-1", "bytes=0-1,3-4", "lines=1-2", "bytes=x-1"}) {
    EXPECT_EQ(parse_range(text), std::nullopt) << text;
  }
  EXPECT_EQ(select({0, 99, {}}, 10), (ByteSpan{0, 10}));
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  for (const auto* huge : {"9223372036854775807", "9223372036854775808", "18446744073709551616",
                           "99999999999999999999999999"}) {
    EXPECT_EQ(parse_range(fmt::format("bytes=2-{}", huge)), (RangeSpec{2, most, {}})) << huge;
    EXPECT_EQ(parse_range(fmt::format("bytes={}-", huge)), (RangeSpec{most, {}, {}})) << huge;
    EXPECT_EQ(parse_range(fmt::format("bytes=-{}", huge)), (RangeSpec{{}, {}, most})) << huge;
  }
  EXPECT_EQ(parse_range("bytes=00000000000000000000001-2"), (RangeSpec{1, 2, {}}));
  EXPECT_EQ(select({2, most, {}}, 10), (ByteSpan{2, 8}));
  EXPECT_EQ(select({{}, {}, 3}, 10), (ByteSpan{7, 3}));
  EXPECT_EQ(select({10, {}, {}}, 10), std::nullopt);
  EXPECT_EQ(select({{}, {}, 0}, 10), std::nullopt);
}

TEST(Conditional, compares_etags_and_dates) {
  EXPECT_EQ(single_etag("W/\"b\""), "b");
  EXPECT_EQ(single_etag("\"a\", \"b\""), "");
  EXPECT_TRUE(if_range_holds("\"a\"", "a", {}));
  EXPECT_FALSE(if_range_holds("W/\"a\"", "a", {}));
  EXPECT_TRUE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "", 784111777));
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), 784111777);
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-10 00:00:00 GMT"), 1262304000);
  for (const auto* text : {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT",
                           "Sun Nov 31 08:49:37 1994", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT GMT", "Sun Nov    08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
  EXPECT_TRUE(accepts_encoding("gzip, br;q=0.5", "br"));
  EXPECT_FALSE(accepts_encoding("gzip, br;q=0", "br"));
  EXPECT_FALSE(accepts_encoding("br;q=0.0, *", "br"));
  EXPECT_TRUE(accepts_encoding("*", "br"));
}

TEST(Mime, goes_by_name_then_by_content) {
  EXPECT_EQ(mime_by_name("a/b.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(mime_by_name("a.b/c"), std::nullopt);
  EXPECT_EQ(mime_by_name("x.tar.gz"), "application/gzip");
  EXPECT_EQ(mime_by_content(as_bytes("\x89PNG\r\n\x1a\n....")), "image/png");
  for (const auto* page : {"<html><script>", " \n<!DocType HTML>", "<!--x", "<p >", "<a href>"}) {
    EXPECT_EQ(mime_by_content(as_bytes(page)), "text/html; charset=utf-8") << page;
  }
  for (const auto* text : {"<html", "<pre>", "a <p>", "<!doctype htmlx>", "<"}) {
    EXPECT_EQ(mime_by_content(as_bytes(text)), "text/plain; charset=utf-8") << text;
  }
  EXPECT_EQ(mime_by_content(as_bytes(std::string_view("a\0b", 3))), "application/octet-stream");
  EXPECT_EQ(better_mime("text/plain; charset=utf-8", "a.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(better_mime("image/png", "a.js"), "image/png");
  EXPECT_EQ(better_mime("", "x"), "application/octet-stream");
}

TEST(Events, survive_every_chunk_size) {
  std::string text = ": hello\n\n";
  append_event(text, "7", "peer:up", "{\"a\":1}");
  append_event(text, "", "", "two\nlines");
  append_event(text, "8", "x", "");
  const std::vector<ServerEvent> expected{
      {"7", "peer:up", "{\"a\":1}"}, {"7", "message", "two\nlines"}, {"8", "x", ""}};
  for (std::size_t step = 1; step <= text.size(); ++step) {
    EventParser parser;
    std::vector<ServerEvent> got;
    for (std::size_t at = 0; at < text.size(); at += step) {
      const auto fed = parser.feed(as_bytes(std::string_view(text).substr(at, step)));
      for (const auto& event : fed.value()) {
        got.push_back(event);
      }
    }
    EXPECT_EQ(got, expected) << step;
  }
  EventParser parser;
  const std::string endless(limits::sse_event_bytes + 1, 'x');
  EXPECT_EQ(parser.feed(as_bytes(endless)).error().code, Errc::too_large);
}

TEST(Escape, leaves_no_markup) {
  EXPECT_EQ(escape_html("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
}

TEST(Response, cannot_be_split_by_a_value) {
  Response response;
  response.add("Location", "/a\r\nSet-Cookie: x");
  EXPECT_EQ(response.fields, "Location: /aSet-Cookie: x\r\n");
}

}  // namespace
}  // namespace goop::net::http
