#include "peer/presence/address_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "wire/presence_limits.h"

namespace goop::peer::presence {
namespace {

using p2p::AddressScope;
using p2p::Multiaddr;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view relay = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
const std::string circuit = fmt::format("/ip4/8.8.8.8/tcp/4001/p2p/{}/p2p-circuit", relay);

std::vector<Multiaddr> parsed(std::initializer_list<std::string> texts) {
  std::vector<Multiaddr> list;
  for (const auto& text : texts) list.push_back(Multiaddr::parse(text).value());
  return list;
}
std::vector<std::string> texts(const std::vector<Multiaddr>& list) {
  std::vector<std::string> all;
  for (const auto& address : list) all.push_back(address.to_string());
  return all;
}
std::vector<std::string> announced(std::initializer_list<std::string> own) {
  return texts(addresses_to_announce(parsed(own)));
}
std::vector<std::string> dialled(std::initializer_list<std::string> told, AddressScope teller,
                                 std::initializer_list<std::string> own = {}) {
  return texts(addresses_to_dial(parsed(told), parsed(own), teller));
}

TEST(AddressesToAnnounce, What_reaches_furthest_comes_first) {
  EXPECT_THAT(announced({"/ip4/192.168.1.2/tcp/4001", "/ip4/8.8.4.4/tcp/4001", circuit}),
              ElementsAre(circuit, "/ip4/8.8.4.4/tcp/4001", "/ip4/192.168.1.2/tcp/4001"));
}

TEST(AddressesToAnnounce, What_is_of_no_use_beyond_this_machine_is_left_out) {
  EXPECT_THAT(announced({"/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip4/169.254.1.1/tcp/1",
                         "/ip6/fe80::1/tcp/1", "/dns4/example.org/tcp/1", "/ip4/0.0.0.0/tcp/1"}),
              IsEmpty());
}

TEST(AddressesToAnnounce, Container_bridges_only_where_there_is_nothing_else) {
  EXPECT_THAT(announced({"/ip4/172.17.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1"}),
              ElementsAre("/ip4/10.0.0.1/tcp/1"));
  EXPECT_THAT(announced({"/ip4/172.17.0.1/tcp/1"}), ElementsAre("/ip4/172.17.0.1/tcp/1"));
}

TEST(AddressesToAnnounce, Each_once_and_no_more_than_servers_take) {
  std::vector<Multiaddr> own;
  for (int i = 0; i < 100; ++i) {
    own.push_back(Multiaddr::parse(fmt::format("/ip4/10.0.0.{}/tcp/1", i / 2)).value());
  }
  const auto list = addresses_to_announce(own);
  EXPECT_EQ(list.size(), wire::limits::presence_addresses);
  EXPECT_EQ(std::set(list.begin(), list.end()).size(), list.size());
}

TEST(AddressesToDial, Nobody_makes_us_dial_ourselves_or_what_is_no_host) {
  EXPECT_THAT(dialled({"/ip4/127.0.0.1/tcp/4001", "/ip4/169.254.1.1/tcp/4001",
                       "/ip6/fe80::1/tcp/4001", "/ip4/224.0.0.251/tcp/5353",
                       "/ip4/0.0.0.0/tcp/4001", "/ip4/10.0.0.9/tcp/4001", circuit},
                      AddressScope::private_net, {"/ip4/10.0.0.9/tcp/4001"}),
              IsEmpty());
}

TEST(AddressesToDial, A_neighbour_names_its_network_and_the_internet_only_itself) {
  EXPECT_THAT(
      dialled({"/ip4/10.0.0.2/tcp/4001", "/ip4/8.8.8.8/tcp/4001"}, AddressScope::private_net),
      ElementsAre("/ip4/10.0.0.2/tcp/4001", "/ip4/8.8.8.8/tcp/4001"));
  EXPECT_THAT(
      dialled({"/ip4/10.0.0.2/tcp/4001", "/ip4/8.8.8.8/tcp/4001"}, AddressScope::public_net),
      ElementsAre("/ip4/8.8.8.8/tcp/4001"));
}

TEST(AddressesToDial, No_ports_of_system_services) {
  EXPECT_THAT(dialled({"/ip4/8.8.8.8/tcp/25", "/ip4/10.0.0.2/tcp/22"}, AddressScope::private_net),
              IsEmpty());
}

TEST(AddressesToDial, Each_once_and_no_more_than_a_message_may_hold) {
  std::vector<Multiaddr> told;
  for (int i = 0; i < 100; ++i) {
    told.push_back(Multiaddr::parse(fmt::format("/ip4/8.8.8.{}/tcp/4001", i / 2)).value());
  }
  EXPECT_EQ(addresses_to_dial(told, {}, AddressScope::public_net).size(),
            wire::limits::presence_addresses);
}

}  // namespace
}  // namespace goop::peer::presence
