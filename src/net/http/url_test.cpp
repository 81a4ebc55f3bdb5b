#include "net/http/url.h"

#include <gtest/gtest.h>

#include "net/http/limits.h"

namespace goop::net::http {
namespace {

HttpUrl url(std::string_view text) { return HttpUrl::parse(text).value(); }

TEST(Url, has_its_parts) {
  const auto full = url(" HTTPS://Goop.Example:8443/base/?x=1 ");
  EXPECT_TRUE(full.secure());
  EXPECT_EQ(full.host(), "goop.example");
  EXPECT_EQ(full.port(), 8443);
  EXPECT_EQ(full.target(), "/base/?x=1");
  EXPECT_EQ(full.authority(), "goop.example:8443");
  EXPECT_EQ(full.text(), "https://goop.example:8443/base/?x=1");
  EXPECT_FALSE(full.address());

  const auto bare = url("http://goop.example");
  EXPECT_EQ(bare.port(), 80);
  EXPECT_EQ(bare.target(), "/");
  EXPECT_EQ(bare.authority(), "goop.example");
  EXPECT_EQ(url("https://goop.example:443").authority(), "goop.example");
  EXPECT_EQ(url("http://goop.example?x").target(), "/?x");
}

TEST(Url, knows_addresses) {
  EXPECT_EQ(url("http://127.0.0.1:8787").address()->to_string(), "127.0.0.1");
  const auto v6 = url("http://[2001:DB8::0:1]:8787/");
  EXPECT_EQ(v6.host(), "2001:db8::1");
  EXPECT_EQ(v6.authority(), "[2001:db8::1]:8787");
  EXPECT_EQ(url(v6.text()), v6);
}

TEST(Url, leads_to_what_is_below_it_and_to_the_other_scheme) {
  EXPECT_EQ(url("https://a.example/").below("/ws?x=1").text(), "https://a.example/ws?x=1");
  EXPECT_EQ(url("https://a.example/b//?q").below("/ws").text(), "https://a.example/b/ws");
  EXPECT_EQ(url("http://a.example").by(Scheme::https).text(), "https://a.example/");
  EXPECT_EQ(url("http://a.example:8787/b").by(Scheme::https).port(), 8787);
  EXPECT_EQ(url("https://a.example").by(Scheme::http).port(), 80);
}

TEST(Url, is_refused_where_it_is_no_address_of_a_server) {
  for (const auto* bad : {"",
                          "a.example",
                          "ftp://a.example",
                          "http:/a.example",
                          "http://",
                          "http://:80",
                          "http://a.example:",
                          "http://a.example:0",
                          "http://a.example:65536",
                          "http://a.example:8x",
                          "http://user@a.example",
                          "http://a.example/#x",
                          "http://a.example/a b",
                          "http://a..example",
                          "http://-a.example",
                          "http://a-.example",
                          "http://a.example./",
                          "http://1.2.3",
                          "http://1.2.3.256",
                          "http://[::1",
                          "http://[::1]8",
                          "http://[fe80::1%25eth0]",
                          "http://[1.2.3.4]",
                          "http://a\\b",
                          "http://b\xc3\xbc"
                          "cher.example",
                          "http://a.example/\r\nX: y"}) {
    EXPECT_FALSE(HttpUrl::parse(bad)) << bad;
  }
}

TEST(Url, has_limits) {
  const std::string label(limits::host_label_bytes, 'a');
  EXPECT_TRUE(HttpUrl::parse("http://" + label));
  EXPECT_FALSE(HttpUrl::parse("http://" + label + "a"));
  const auto longest = label + "." + label + "." + label + "." + label.substr(0, 61);
  EXPECT_EQ(longest.size(), limits::host_bytes);
  EXPECT_TRUE(HttpUrl::parse("http://" + longest));
  EXPECT_FALSE(HttpUrl::parse("http://" + longest + "a"));
  const std::string start = "http://a.example/";
  EXPECT_TRUE(HttpUrl::parse(start + std::string(limits::url_bytes - start.size(), 'x')));
  EXPECT_FALSE(HttpUrl::parse(start + std::string(limits::url_bytes - start.size() + 1, 'x')));
}

}  // namespace
}  // namespace goop::net::http
