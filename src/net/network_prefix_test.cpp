#include "net/network_prefix.h"

#include <gtest/gtest.h>

namespace goop::net {
namespace {

std::string block(std::string_view ip, PrefixBits bits) {
  return network_of(boost::asio::ip::make_address(ip), bits).to_string();
}

TEST(NetworkPrefix, keeps_the_first_bits_and_clears_the_others) {
  EXPECT_EQ(block("192.0.2.213", prefix::network), "192.0.2.0");
  EXPECT_EQ(block("192.0.2.213", {.v4 = 27, .v6 = 0}), "192.0.2.192");
  EXPECT_EQ(block("192.0.2.213", prefix::household), "192.0.2.213");
  EXPECT_EQ(block("192.0.2.213", prefix::provider), "192.0.0.0");
  EXPECT_EQ(block("2001:db8:1:23ff:4::5", prefix::client), "2001:db8:1:23ff::");
  EXPECT_EQ(block("2001:db8:1:23ff:4::5", prefix::household), "2001:db8:1:2300::");
  EXPECT_EQ(block("2001:db8:1:23ff:4::5", prefix::network), "2001:db8:1::");
  EXPECT_EQ(block("2001:db8:1:23ff:4::5", prefix::provider), "2001:db8::");
}

TEST(NetworkPrefix, ipv4_inside_ipv6_counts_as_ipv4_and_a_scope_id_is_left_out) {
  EXPECT_EQ(block("::ffff:192.0.2.213", prefix::network), "192.0.2.0");
  EXPECT_EQ(block("fe80::1:2:3:4%7", prefix::network), "fe80::");
}

}  // namespace
}  // namespace goop::net
