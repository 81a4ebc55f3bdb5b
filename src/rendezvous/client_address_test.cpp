// Who a request is from.
#include "rendezvous/client_address.h"

#include <gtest/gtest.h>

#include "rendezvous/limits.h"

namespace goop::rendezvous {
namespace {

net::http::Request from(std::string_view remote, std::vector<std::string_view> forwarded) {
  net::http::Request request;
  request.remote.address = asio::ip::make_address(remote);
  for (const auto& one : forwarded) request.fields.add("X-Forwarded-For", one);
  return request;
}

std::string client(std::string_view remote, std::vector<std::string_view> forwarded) {
  const auto trusted = *Networks::parse({"127.0.0.0/8", "10.1.0.0/16", "fd00::/8", "::1"});
  return client_address(from(remote, std::move(forwarded)), trusted).to_string();
}

TEST(ClientAddress, is_the_right_most_that_is_no_trusted_proxy) {
  EXPECT_EQ(client("127.0.0.1", {"192.0.2.7"}), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", {"6.6.6.6, 192.0.2.7"}), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", {"6.6.6.6", "192.0.2.7, 10.1.2.3"}), "192.0.2.7");
  EXPECT_EQ(client("::1", {"[2001:db8::7]:443"}), "2001:db8::7");
  EXPECT_EQ(client("::ffff:127.0.0.1", {"192.0.2.7:5000"}), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", {"10.1.2.3"}), "10.1.2.3");  // nobody else is named
}

TEST(ClientAddress, believes_nobody_but_trusted_proxies) {
  EXPECT_EQ(client("192.0.2.1", {"192.0.2.7"}), "192.0.2.1");
  EXPECT_EQ(client("10.2.0.1", {"192.0.2.7"}), "10.2.0.1");
  EXPECT_EQ(client("127.0.0.1", {}), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {"nonsense"}), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {"192.0.2.7, unknown"}), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {",,,"}), "127.0.0.1");
}

TEST(ClientAddress, looks_at_a_bounded_number_of_hops) {
  std::string many = "192.0.2.7";
  for (std::size_t i = 0; i < limits::forwarded_hops; ++i) many += ", 10.1.2.3";
  EXPECT_EQ(client("127.0.0.1", {many}), "10.1.2.3");
}

TEST(ClientAddress, one_household_counts_as_one) {
  const auto counted = [](std::string_view text) {
    return counted_as(asio::ip::make_address(text)).to_string();
  };
  EXPECT_EQ(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(counted("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(counted("::1"), "::1");
}

TEST(Networks, are_read_strictly) {
  for (const auto* text : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129"}) {
    EXPECT_FALSE(Networks::parse({text})) << text;
  }
}

}  // namespace
}  // namespace goop::rendezvous
