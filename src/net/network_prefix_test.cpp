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

TEST(NetworkPrefix, says_who_is_on_the_subnet_of_an_interface) {
  const auto ip = [](std::string_view text) { return boost::asio::ip::make_address(text); };
  const Interface cable{.name = "eth0", .address = ip("192.168.5.7"), .prefix_bits = 24};
  EXPECT_TRUE(on_subnet_of(cable, ip("192.168.5.200")));
  EXPECT_TRUE(on_subnet_of(cable, ip("::ffff:192.168.5.200")));
  EXPECT_FALSE(on_subnet_of(cable, ip("192.168.6.200")));
  EXPECT_FALSE(on_subnet_of(cable, ip("fe80::1")));
  const Interface six{.name = "eth0", .address = ip("2001:db8:1:2::7"), .prefix_bits = 64};
  EXPECT_TRUE(on_subnet_of(six, ip("2001:db8:1:2::8")));
  EXPECT_FALSE(on_subnet_of(six, ip("2001:db8:1:3::8")));
  const Interface odd{.name = "tun0", .address = ip("10.0.0.1"), .prefix_bits = 0};
  EXPECT_FALSE(on_subnet_of(odd, ip("8.8.8.8")));
}

}  // namespace
}  // namespace goop::net
