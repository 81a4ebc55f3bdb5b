#include "p2p/multi/address_scope.h"

#include <gtest/gtest.h>

namespace goop::p2p {
namespace {

using enum AddressScope;

AddressScope of(const char* text) { return scope_of(boost::asio::ip::make_address(text)); }

TEST(AddressScope, sorts_ipv4_addresses_at_the_edges_of_their_blocks) {
  for (const auto* ip : {"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                         "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.0.64", "192.0.3.0",
                         "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"}) {
    EXPECT_EQ(of(ip), public_net) << ip;
  }
  for (const auto* ip : {"10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255",
                         "172.16.0.0", "172.31.255.255", "192.168.255.255"}) {
    EXPECT_EQ(of(ip), private_net) << ip;
  }
  for (const auto* ip :
       {"0.0.0.0", "192.0.0.1", "192.0.2.7", "192.88.99.1", "198.18.0.0", "198.19.255.255",
        "198.51.100.9", "203.0.113.1", "224.0.0.251", "240.0.0.1", "255.255.255.255"}) {
    EXPECT_EQ(of(ip), unroutable) << ip;
  }
  EXPECT_EQ(of("127.255.0.1"), loopback);
  EXPECT_EQ(of("169.254.1.1"), link_local);
}

TEST(AddressScope, sorts_ipv6_addresses) {
  EXPECT_EQ(of("2606:4700::1"), public_net);
  EXPECT_EQ(of("3fff:ffff::1"), public_net);
  EXPECT_EQ(of("64:ff9b::808:808"), public_net);
  EXPECT_EQ(of("::1"), loopback);
  EXPECT_EQ(of("fc00::1"), private_net);
  EXPECT_EQ(of("fdff::1"), private_net);
  EXPECT_EQ(of("fe80::1"), link_local);
  EXPECT_EQ(of("febf::1"), link_local);
  for (const auto* ip : {"::", "ff02::1", "2001:db8::1", "4000::1", "fec0::1"}) {
    EXPECT_EQ(of(ip), unroutable) << ip;
  }
}

TEST(AddressScope, looks_through_ipv6_at_the_ipv4_inside) {
  EXPECT_EQ(of("::ffff:127.0.0.1"), loopback);
  EXPECT_EQ(of("::ffff:10.0.0.1"), private_net);
  EXPECT_EQ(of("::ffff:8.8.8.8"), public_net);
}

TEST(AddressScope, sorts_names_by_their_last_labels) {
  EXPECT_EQ(scope_of_name("LOCALHOST"), loopback);
  EXPECT_EQ(scope_of_name("x.localhost."), loopback);
  for (const auto* host : {"printer.local", "a.test", "nas.home.arpa", "x.invalid", "1.arpa"}) {
    EXPECT_EQ(scope_of_name(host), private_net) << host;
  }
  EXPECT_EQ(scope_of_name("example.org"), public_net);
  EXPECT_EQ(scope_of_name("notlocalhost"), public_net);
  EXPECT_EQ(scope_of_name("localhost.example.org"), public_net);
}

}  // namespace
}  // namespace goop::p2p
