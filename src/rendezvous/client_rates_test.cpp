#include "rendezvous/client_rates.h"

#include <gtest/gtest.h>

namespace goop::rendezvous {
namespace {

net::IpAddress ip(const std::string& text) { return boost::asio::ip::make_address(text); }

std::string_view used_up(ClientRates& rates, std::string_view format, int blocks, double each) {
  std::string_view of;
  for (int block = 0; block < blocks; ++block) {
    for (double i = 0; i < each; ++i) {
      const auto from = ip(fmt::format(fmt::runtime(format), block));
      if (const auto busy = rates.take(from, Instant(1h))) of = busy->of;
    }
  }
  return of;
}

TEST(ClientRatesTest, addresses_of_one_network_and_of_one_provider_have_a_rate_together) {
  ClientRates rates;
  EXPECT_EQ(used_up(rates, "203.0.113.{}", 2, limits::address_burst), "");
  EXPECT_EQ(used_up(rates, "203.0.113.{}", 1, 1), "address (IPv6 /64)");
  EXPECT_EQ(rates.take(ip("203.0.113.9"), Instant(1h))->of, "network (IPv4 /24, IPv6 /48)");
  EXPECT_EQ(used_up(rates, "203.0.{}.1", 5, limits::address_burst), "");
  EXPECT_EQ(used_up(rates, "203.0.5.{}", 1, limits::address_burst),
            "provider (IPv4 /16, IPv6 /32)");
  EXPECT_FALSE(rates.take(ip("198.51.100.1"), Instant(1h)));
  for (int i = 0; i < 40; ++i) {  // nor is a class of its neighbourhood held up
    EXPECT_FALSE(rates.take(ip("203.0.99.1"), Instant(1h)));
  }
}

TEST(ClientRatesTest, subnets_of_one_ipv6_network_have_a_rate_together) {
  ClientRates rates;
  EXPECT_EQ(used_up(rates, "2001:db8:1:{:x}::1", 12, 500), "");
  EXPECT_EQ(rates.take(ip("2001:db8:1:99::1"), Instant(1h))->of, "network (IPv4 /24, IPv6 /48)");
  EXPECT_FALSE(rates.take(ip("2001:db8:2::1"), Instant(1h)));
}

TEST(ClientRatesTest, what_was_bad_is_charged_at_each_width) {
  ClientRates rates;
  rates.charge(ip("203.0.113.1"), Instant(1h), limits::network_burst);
  EXPECT_EQ(rates.take(ip("203.0.113.2"), Instant(1h))->of, "network (IPv4 /24, IPv6 /48)");
}

}  // namespace
}  // namespace goop::rendezvous
