#include "viewer/origin.h"

#include <gtest/gtest.h>

#include "p2p/multi/keys.h"

namespace goop::viewer {
namespace {

const auto peer = *p2p::PeerId::parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

TEST(Origin, names_are_exact) {
  const auto label = peer.to_cid_base36();
  EXPECT_EQ(classify_host("127.0.0.1:7777", 7777).kind, HostKind::viewer);
  EXPECT_EQ(classify_host("localhost:7777", 7777).kind, HostKind::alias);
  EXPECT_EQ(classify_host("[::1]:7777", 7777).kind, HostKind::alias);
  const auto site = classify_host(label + ".localhost:7777", 7777);
  EXPECT_EQ(site.kind, HostKind::site);
  EXPECT_EQ(site.site, peer);
  EXPECT_EQ(site_origin(peer, 7777), fmt::format("http://{}.localhost:7777", label));
  EXPECT_EQ(site_url(peer, 7777),
            fmt::format("http://{}.localhost:7777/p/{}/", label, peer.to_string()));
  EXPECT_LE(label.size(), 63u);
}

TEST(Origin, names_have_no_case) {
  auto shouted = peer.to_cid_base36();
  std::ranges::transform(shouted, shouted.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(classify_host("LOCALHOST:7777", 7777).kind, HostKind::alias);
  const auto site = classify_host(shouted + ".LocalHost:7777", 7777);
  EXPECT_EQ(site.kind, HostKind::site);
  EXPECT_EQ(site.site, peer);
}

TEST(Origin, everything_else_is_foreign) {
  for (const auto& host :
       {std::string("127.0.0.1"), std::string("127.0.0.1:7778"), std::string("127.0.0.1:07777"),
        std::string("127.0.0.1:77777"), std::string("127.0.0.1.:7777"), std::string(":7777"),
        std::string(""), std::string("evil.example:7777"), std::string("x.localhost:7777"),
        std::string(".localhost:7777"), std::string("0.0.0.0:7777"), std::string("127.1:7777"),
        std::string("localhost.:7777"), std::string("[::ffff:127.0.0.1]:7777"),
        peer.to_string() + ".localhost:7777", "a." + peer.to_cid_base36() + ".localhost:7777",
        peer.to_cid_base36() + ".localhost.:7777"}) {
    EXPECT_EQ(classify_host(host, 7777).kind, HostKind::foreign) << host;
  }
}

TEST(Origin, port_80_is_left_out) {
  EXPECT_EQ(viewer_origin(80), "http://127.0.0.1");
  EXPECT_EQ(classify_host("127.0.0.1", 80).kind, HostKind::viewer);
}

}  // namespace
}  // namespace goop::viewer
