#include "p2p/discovery/lan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

IpAddress ip(std::string_view text) { return asio::ip::make_address(text); }

net::Interface cable(std::string_view address, unsigned bits, unsigned index = 2) {
  return {.name = "eth0",
          .address = ip(address),
          .multicast = true,
          .index = index,
          .prefix_bits = bits};
}

TEST(Subnet, holds_what_shares_its_prefix) {
  const Subnet home{ip("192.168.1.5"), 24};
  EXPECT_TRUE(home.holds(ip("192.168.1.200")));
  EXPECT_FALSE(home.holds(ip("192.168.2.5")));
  EXPECT_FALSE(home.holds(ip("fd00::1")));
  const Subnet odd{ip("10.0.15.1"), 20};
  EXPECT_TRUE(odd.holds(ip("10.0.0.9")));
  EXPECT_FALSE(odd.holds(ip("10.0.16.1")));
  const Subnet six{ip("fd00:0:0:1::5"), 64};
  EXPECT_TRUE(six.holds(ip("fd00:0:0:1::ffff")));
  EXPECT_FALSE(six.holds(ip("fd00:0:0:2::5")));
}

TEST(Subnet, without_a_prefix_holds_nobody) {
  EXPECT_FALSE((Subnet{ip("10.0.0.1"), 0}).holds(ip("10.0.0.1")));
}

TEST(Lan, neighbours_are_on_its_subnets_or_at_link_local_addresses) {
  const auto lans = lans_of(std::vector{cable("192.168.1.5", 24), cable("fd00::5", 64)});
  ASSERT_THAT(lans, SizeIs(1));
  EXPECT_TRUE(lans[0].neighbours(ip("192.168.1.7")));
  EXPECT_TRUE(lans[0].neighbours(ip("fd00::7")));
  EXPECT_TRUE(lans[0].neighbours(ip("fe80::7%2")));
  EXPECT_FALSE(lans[0].neighbours(ip("192.168.2.7")));
  EXPECT_FALSE(lans[0].neighbours(ip("8.8.8.8")));
}

TEST(Lans, of_loopback_unplugged_or_silent_interfaces_are_not_spoken_on) {
  auto loopback = cable("127.0.0.1", 8);
  loopback.loopback = true;
  auto unplugged = cable("10.0.0.1", 8, 3);
  unplugged.running = false;
  auto tunnel = cable("10.1.0.1", 8, 4);
  tunnel.multicast = false;
  EXPECT_THAT(lans_of(std::vector{loopback, unplugged, tunnel}), IsEmpty());
}

TEST(Lans, with_nothing_but_a_link_local_ipv6_address_are_not_spoken_on) {
  EXPECT_THAT(lans_of(std::vector{cable("fe80::1", 64)}), IsEmpty());
  EXPECT_THAT(lans_of(std::vector{cable("fe80::1", 64), cable("169.254.1.1", 16)}), SizeIs(1));
}

TEST(Lans, are_sixteen_at_most_and_those_with_ipv4_come_first) {
  std::vector<net::Interface> many;
  for (unsigned i = 0; i < limits::mdns_interfaces + 4; ++i)
    many.push_back(cable(i < 4 ? "fd00::1" : "10.0.0.1", 64, i + 2));
  const auto lans = lans_of(many);
  ASSERT_THAT(lans, SizeIs(limits::mdns_interfaces));
  for (const auto& lan : lans) EXPECT_TRUE(lan.speaks(net::Family::v4));
}

TEST(Lans, keep_sixteen_addresses_of_an_interface) {
  std::vector<net::Interface> many;
  for (unsigned i = 0; i < limits::mdns_interface_addresses + 4; ++i)
    many.push_back(cable(fmt::format("10.0.0.{}", i + 1), 24));
  EXPECT_THAT(lans_of(many).at(0).subnets, SizeIs(limits::mdns_interface_addresses));
}

}  // namespace
}  // namespace goop::p2p::discovery
