#include "wire/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/address.h"
#include "wire/link_limits.h"

namespace goop::wire {
namespace {

// The Ed25519 key of 32 zero bytes as seed, and another one.
constexpr std::string_view id = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
constexpr std::string_view other_id = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";

p2p::Multiaddr multiaddr(std::string_view text) { return p2p::Multiaddr::parse(text).value(); }
PeerAddress peer(std::vector<p2p::Multiaddr> addresses = {}) {
  return {p2p::PeerId::parse(id).value(), std::move(addresses)};
}
std::string error(const Result<PeerAddress>& result) {
  return result ? "fine" : to_string(result.error());
}

TEST(Link, A_peer_with_addresses_survives_writing_and_reading) {
  const auto address = peer({multiaddr("/ip4/192.0.2.7/tcp/4001"), multiaddr("/ip6/::1/tcp/1")});
  const auto link = format_link(address);
  EXPECT_EQ(link, fmt::format("goop://{}?addr=%2Fip4%2F192.0.2.7%2Ftcp%2F4001"
                              "&addr=%2Fip6%2F%3A%3A1%2Ftcp%2F1",
                              id));
  EXPECT_EQ(parse_link(link), address);
  EXPECT_EQ(parse_link(format_link(peer())), peer());
}

TEST(Link, What_browsers_and_hands_do_to_a_link_is_understood) {
  const auto link = [](std::string_view tail) {
    return parse_link(fmt::format("goop://{}{}", id, tail));
  };
  EXPECT_EQ(link("/"), peer());
  EXPECT_EQ(link("?"), peer());
  EXPECT_EQ(link("#top"), peer());
  EXPECT_EQ(link("/?later=1&addr=/ip4/1.2.3.4/tcp/5&&x"), peer({multiaddr("/ip4/1.2.3.4/tcp/5")}));
  EXPECT_EQ(link(fmt::format("?addr=/ip4/1.2.3.4/tcp/5/p2p/{}", id)),
            peer({multiaddr("/ip4/1.2.3.4/tcp/5")}));
  EXPECT_EQ(link("?addr=/ip4/1.2.3.4/tcp/5&addr=%2fip4%2f1.2.3.4%2ftcp%2f5"),
            peer({multiaddr("/ip4/1.2.3.4/tcp/5")}));
  EXPECT_EQ(parse_link(fmt::format("GOOP://{}", id)), peer());
  EXPECT_EQ(parse_link("goop://" + peer().peer.to_cid_base36()), peer());
}

TEST(Link, A_relay_in_an_address_is_not_mistaken_for_the_peer) {
  const auto circuit = fmt::format("/ip4/1.2.3.4/tcp/5/p2p/{}/p2p-circuit", other_id);
  EXPECT_EQ(parse_link(fmt::format("goop://{}?addr={}", id, circuit)), peer({multiaddr(circuit)}));
  EXPECT_EQ(parse_link(fmt::format("goop://{}?addr={}/p2p/{}", id, circuit, id)),
            peer({multiaddr(circuit)}));
}

TEST(Link, What_is_wrong_is_said) {
  EXPECT_TRUE(error(parse_link("http://x")).contains("no goop:// link"));
  EXPECT_TRUE(error(parse_link("goop:x")).contains("begins with goop://"));
  EXPECT_TRUE(error(parse_link("goop://")).contains("peer id"));
  EXPECT_TRUE(error(parse_link("goop://nobody")).contains("peer id nobody is not one"));
  const auto link = [](std::string_view tail) {
    return error(parse_link(fmt::format("goop://{}{}", id, tail)));
  };
  EXPECT_TRUE(link("/index.html").contains("give the path separately"));
  EXPECT_TRUE(link("?addr=nowhere").contains("address nowhere is not a multiaddr"));
  EXPECT_TRUE(link("?addr=").contains("is not a multiaddr"));
  EXPECT_TRUE(link("?addr=%2").contains("broken % escape"));
  EXPECT_TRUE(link("?addr=%zz").contains("broken % escape"));
  EXPECT_TRUE(
      link(fmt::format("?addr=/ip4/1.2.3.4/tcp/5/p2p/{}", other_id)).contains("another peer"));
}

TEST(Link, Its_length_has_a_cap) {
  const std::string head = fmt::format("goop://{}?x=", id);
  const std::string link = head + std::string(limits::link_bytes - head.size(), 'x');
  EXPECT_EQ(parse_link(link), peer());
  EXPECT_EQ(parse_link(link + "x").error().code, Errc::too_large);
  EXPECT_EQ(parse_address(link + "x").error().code, Errc::too_large);
}

TEST(Link, The_number_of_addresses_has_a_cap) {
  std::vector<p2p::Multiaddr> addresses;
  std::string link = fmt::format("goop://{}?", id);
  for (std::size_t i = 0; i < limits::link_addresses; ++i) {
    addresses.push_back(multiaddr(fmt::format("/ip4/1.2.3.4/tcp/{}", i + 1)));
    link += fmt::format("addr={}&", addresses.back());
  }
  EXPECT_EQ(parse_link(link), peer(addresses));
  EXPECT_EQ(parse_link(link + "addr=/ip4/1.2.3.4/tcp/999").error().code, Errc::too_large);
  auto more = addresses;
  more.push_back(multiaddr("/ip4/1.2.3.4/tcp/999"));
  EXPECT_EQ(parse_link(format_link(peer(more))), peer(addresses));
}

TEST(Address, A_multiaddr_a_peer_id_and_a_link_are_understood) {
  EXPECT_EQ(parse_address(fmt::format("/ip4/1.2.3.4/tcp/5/p2p/{}", id)),
            peer({multiaddr("/ip4/1.2.3.4/tcp/5")}));
  EXPECT_EQ(parse_address(fmt::format("/p2p/{}", id)), peer());
  EXPECT_EQ(parse_address(fmt::format("  {}\n", id)), peer());
  EXPECT_EQ(parse_address(peer().peer.to_cid_base36()), peer());
  EXPECT_EQ(parse_address(fmt::format("goop://{}", id)), peer());
}

TEST(Address, Two_peers_in_a_row_are_refused_and_a_relay_before_the_peer_is_not) {
  const std::string twice = fmt::format("/ip4/192.0.2.7/tcp/4001/p2p/{}/p2p/{}", id, id);
  EXPECT_THAT(error(parse_address(twice)), testing::HasSubstr("two peers in a row"));
  EXPECT_THAT(error(parse_address("/p2p/1pp6/p2p/1pp6/p2p/1pp6/")),
              testing::HasSubstr("two peers in a row"));
  EXPECT_THAT(error(parse_link(fmt::format("goop://{}?addr={}", id, twice))),
              testing::HasSubstr("two peers in a row"));
  const std::string relay = fmt::format("/ip4/192.0.2.7/tcp/4001/p2p/{}/p2p-circuit", other_id);
  EXPECT_EQ(parse_address(fmt::format("{}/p2p/{}", relay, id)), peer({multiaddr(relay)}));
}

TEST(Address, What_to_give_instead_is_said) {
  EXPECT_TRUE(error(parse_address(" ")).contains("give a multiaddr"));
  EXPECT_TRUE(error(parse_address("/ip4/1.2.3.4/tcp/5")).contains("add /p2p/<peer id>"));
  EXPECT_TRUE(error(parse_address("/ip4/1.2.3/tcp/5")).contains("should look like"));
  EXPECT_TRUE(error(parse_address("example.com")).contains("is neither a peer id"));
}

}  // namespace
}  // namespace goop::wire
