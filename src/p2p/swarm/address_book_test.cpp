#include "p2p/swarm/address_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using enum AddressScope;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const PeerId self = peer(0), anna = peer(1), ben = peer(2);
const Multiaddr home = addr("/ip4/192.168.1.5/tcp/4001");
const Multiaddr world = addr("/ip4/8.8.8.8/tcp/4001");
const Multiaddr other = addr("/ip4/9.9.9.9/tcp/4001");

struct AddressBookTest : testing::Test {
  void give(const PeerId& to, std::initializer_list<std::string_view> texts) {
    book.give(to, addrs(texts), 1h, at(0s));
  }
  std::vector<Multiaddr> known(Duration when) { return book.addresses(anna, at(when)); }

  AddressBook book{self};
};

TEST_F(AddressBookTest, keeps_a_given_address_as_long_as_the_giver_says) {
  book.give(anna, {&home, 1}, 10s, at(0s));
  EXPECT_THAT(known(9s), ElementsAre(home));
  EXPECT_THAT(known(10s), IsEmpty());
}

TEST_F(AddressBookTest, forgets_a_peer_once_its_last_address_has_run_out) {
  book.give(anna, {&home, 1}, 10s, at(0s));
  book.expire(at(9s));
  EXPECT_EQ(book.size(), 1u);
  book.expire(at(10s));
  EXPECT_EQ(book.size(), 0u);
}

TEST_F(AddressBookTest,
       keeps_what_a_peer_said_of_itself_while_it_is_connected_and_15_minutes_more) {
  book.connected(anna);
  book.identified(anna, {&world, 1}, public_net, at(0s));
  book.expire(at(24h));
  EXPECT_THAT(known(24h), ElementsAre(world));
  book.disconnected(anna, at(24h));
  EXPECT_THAT(known(24h + limits::book_life_after - 1s), ElementsAre(world));
  EXPECT_THAT(known(24h + limits::book_life_after), IsEmpty());
}

TEST_F(AddressBookTest, a_given_address_that_the_peer_confirms_outlives_the_gift) {
  book.give(anna, {&world, 1}, 10s, at(0s));
  book.connected(anna);
  book.identified(anna, {&world, 1}, public_net, at(1s));
  EXPECT_THAT(known(1h), ElementsAre(world));
}

TEST_F(AddressBookTest, never_keeps_our_own_addresses) {
  book.give(self, {&world, 1}, 1h, at(0s));
  book.connected(self);
  EXPECT_EQ(book.size(), 0u);
}

TEST_F(AddressBookTest, leaves_out_the_peer_at_the_end_of_an_address) {
  book.give(anna, std::vector{world.with_peer(anna)}, 1h, at(0s));
  EXPECT_THAT(known(0s), ElementsAre(world));
}

TEST_F(AddressBookTest, names_the_best_first) {
  book.tell(anna, addrs({"/ip4/8.0.0.1/tcp/4001"}), public_net, 1h, at(0s));
  book.connected(anna);
  book.identified(anna, addrs({"/ip4/8.0.0.2/tcp/4001"}), public_net, at(0s));
  give(anna, {"/ip4/8.0.0.3/tcp/4001"});
  book.proven(anna, addr("/ip4/8.0.0.4/tcp/4001"), at(0s));
  EXPECT_EQ(known(0s), addrs({"/ip4/8.0.0.4/tcp/4001", "/ip4/8.0.0.3/tcp/4001",
                              "/ip4/8.0.0.2/tcp/4001", "/ip4/8.0.0.1/tcp/4001"}));
}

TEST_F(AddressBookTest, a_new_identify_replaces_the_earlier_one_and_nothing_else) {
  give(anna, {"/ip4/8.0.0.3/tcp/4001"});
  book.connected(anna);
  book.identified(anna, {&world, 1}, public_net, at(0s));
  book.identified(anna, {&other, 1}, public_net, at(1s));
  EXPECT_THAT(known(1s), ElementsAre(addr("/ip4/8.0.0.3/tcp/4001"), other));
}

TEST_F(AddressBookTest,
       trap_33_after_a_peer_id_mismatch_only_that_address_of_that_peer_is_dropped) {
  give(anna, {"/ip4/8.8.8.8/tcp/4001", "/ip4/9.9.9.9/tcp/4001"});
  give(ben, {"/ip4/8.8.8.8/tcp/4001"});
  book.drop(anna, world.with_peer(anna));
  EXPECT_THAT(known(0s), ElementsAre(other));
  EXPECT_THAT(book.addresses(ben, at(0s)), ElementsAre(world));
}

// --- signed records ---

TEST_F(AddressBookTest, a_newer_record_replaces_an_older_one_and_an_older_one_is_refused) {
  book.connected(anna);
  EXPECT_TRUE(book.record(anna, {anna, 5, {world}}, public_net, at(0s)));
  EXPECT_TRUE(book.record(anna, {anna, 6, {other}}, public_net, at(1s)));
  EXPECT_EQ(book.record(anna, {anna, 5, {world}}, public_net, at(2s)).error().code, Errc::conflict);
  EXPECT_THAT(known(2s), ElementsAre(other));
  EXPECT_EQ(book.record_seq(anna), 6u);
}

TEST_F(AddressBookTest, a_record_with_the_same_seq_changes_nothing) {
  book.connected(anna);
  EXPECT_TRUE(book.record(anna, {anna, 5, {world}}, public_net, at(0s)));
  EXPECT_TRUE(book.record(anna, {anna, 5, {other}}, public_net, at(1s)));
  EXPECT_THAT(known(1s), ElementsAre(world));
}

TEST_F(AddressBookTest, attack_peer_record_poisoning_a_peer_cannot_speak_for_another) {
  book.connected(ben);
  EXPECT_EQ(book.record(ben, {anna, 99, {world}}, public_net, at(0s)).error().code,
            Errc::forbidden);
  EXPECT_THAT(known(0s), IsEmpty());
  EXPECT_EQ(book.record_seq(anna), std::nullopt);
}

TEST_F(AddressBookTest, an_unsigned_list_does_not_replace_a_signed_record) {
  book.connected(anna);
  EXPECT_TRUE(book.record(anna, {anna, 5, {world}}, public_net, at(0s)));
  book.identified(anna, {&other, 1}, public_net, at(1s));
  EXPECT_THAT(known(1s), ElementsAre(world));
}

TEST_F(AddressBookTest, cve_2026_57497_a_record_ends_with_its_addresses) {
  book.connected(anna);
  EXPECT_TRUE(book.record(anna, {anna, 5, {world}}, public_net, at(0s)));
  book.disconnected(anna, at(0s));
  give(anna, {"/ip4/9.9.9.9/tcp/4001"});
  book.expire(at(limits::book_life_after));
  EXPECT_EQ(book.record_seq(anna), std::nullopt);
  EXPECT_THAT(known(limits::book_life_after), ElementsAre(other));
}

// --- who may name what ---

TEST_F(AddressBookTest, attack_dial_amplification_the_internet_cannot_point_us_into_our_network) {
  const auto mixed = addrs({"/ip4/192.168.1.5/tcp/4001", "/ip4/127.0.0.1/tcp/4001",
                            "/ip4/169.254.169.254/tcp/8080", "/ip6/fe80::1/tcp/4001",
                            "/dns4/printer.local/tcp/9100", "/ip4/8.8.8.8/tcp/4001"});
  book.connected(anna);
  book.identified(anna, mixed, public_net, at(0s));
  EXPECT_THAT(known(0s), ElementsAre(world));
  book.tell(ben, mixed, public_net, 1h, at(0s));
  EXPECT_THAT(book.addresses(ben, at(0s)), ElementsAre(world));
}

TEST_F(AddressBookTest, a_neighbour_may_name_neighbours_but_not_this_machine) {
  book.connected(anna);
  book.identified(anna, addrs({"/ip4/192.168.1.5/tcp/4001", "/ip4/127.0.0.1/tcp/4001"}),
                  private_net, at(0s));
  EXPECT_THAT(known(0s), ElementsAre(home));
}

TEST_F(AddressBookTest,
       attack_dial_amplification_no_other_machine_can_point_us_at_a_system_service) {
  const auto ports = addrs({"/ip4/8.8.8.8/tcp/22", "/ip4/8.8.8.8/tcp/1023"});
  book.tell(anna, ports, public_net, 1h, at(0s));
  EXPECT_THAT(known(0s), IsEmpty());
  book.give(anna, ports, 1h, at(0s));  // our own side may
  EXPECT_THAT(known(0s), SizeIs(2));
}

TEST_F(AddressBookTest, a_low_port_where_the_peer_proved_itself_is_remembered) {
  const auto web = addr("/ip4/8.8.8.8/tcp/443");
  book.connected(anna);
  book.proven(anna, web, at(0s));
  book.identified(anna, {&web, 1}, public_net, at(0s));
  EXPECT_THAT(known(0s), ElementsAre(web));
}

TEST_F(AddressBookTest, keeps_nothing_that_cannot_be_dialled) {
  give(anna, {"/ip4/8.8.8.8/udp/4001/quic-v1", "/ip4/0.0.0.0/tcp/4001", "/ip4/8.8.8.8/tcp/0",
              "/ip4/224.0.0.251/tcp/5353", "/ip6/::/tcp/4001"});
  EXPECT_THAT(known(0s), IsEmpty());
}

TEST_F(AddressBookTest, keeps_a_dnsaddr_name_for_resolution) {
  give(anna, {"/dnsaddr/boot.example"});
  EXPECT_THAT(known(0s), ElementsAre(addr("/dnsaddr/boot.example")));
}

TEST_F(AddressBookTest, keeps_no_oversized_address_of_others) {
  const std::string label(60, 'a');
  const auto lengthy = addr("/dns4/" + label + "." + label + "." + label + "." + label +
                            ".com/tcp/4001/tls/sni/" + label);
  ASSERT_GT(lengthy.bytes().size(), limits::book_told_address_bytes);
  book.tell(anna, {&lengthy, 1}, public_net, 1h, at(0s));
  EXPECT_EQ(book.size(), 0u);
}

// --- caps ---

TEST_F(AddressBookTest, keeps_500_addresses_of_a_connected_peer_and_20_afterwards) {
  book.connected(anna);
  book.identified(anna, many_addresses(2000), public_net, at(0s));
  EXPECT_THAT(known(0s), SizeIs(limits::book_addresses_connected));
  book.disconnected(anna, at(1s));
  EXPECT_THAT(known(1s), SizeIs(limits::book_addresses_after));
}

TEST_F(AddressBookTest, keeps_20_addresses_that_third_parties_tell) {
  for (int round = 0; round < 3; ++round) {
    book.tell(anna, many_addresses(100), public_net, 1h, at(0s));
  }
  EXPECT_THAT(known(0s), SizeIs(limits::book_addresses_after));
}

TEST_F(AddressBookTest, keeps_100_given_addresses) {
  book.give(anna, many_addresses(300), 1h, at(0s));
  EXPECT_THAT(known(0s), SizeIs(limits::book_addresses_given));
}

TEST_F(AddressBookTest, remembers_ten_thousand_peers_and_forgets_the_one_unused_for_longest) {
  const auto first = static_cast<std::uint32_t>(1000);
  for (std::uint32_t i = 0; i < limits::book_peers; ++i) {
    book.tell(peer(first + i), {&world, 1}, public_net, 1h, at(0s));
  }
  book.tell(peer(first), {&other, 1}, public_net, 1h, at(1s));  // used again
  book.tell(anna, {&world, 1}, public_net, 1h, at(2s));
  EXPECT_EQ(book.size(), limits::book_peers);
  EXPECT_THAT(book.addresses(peer(first), at(2s)), SizeIs(2));
  EXPECT_THAT(book.addresses(peer(first + 1), at(2s)), IsEmpty());
  EXPECT_THAT(known(2s), SizeIs(1));
}

TEST_F(AddressBookTest, strangers_talk_pushes_out_neither_given_nor_met_nor_connected_peers) {
  give(anna, {"/ip4/8.8.8.8/tcp/4001"});
  book.connected(ben);
  const PeerId met = peer(3);
  book.proven(met, world, at(0s));
  for (std::uint32_t i = 0; i < limits::book_peers + 100; ++i) {
    book.tell(peer(1000 + i), {&world, 1}, public_net, 1h, at(0s));
  }
  EXPECT_EQ(book.size(), limits::book_peers);
  EXPECT_THAT(known(1s), SizeIs(1));
  EXPECT_THAT(book.addresses(met, at(1s)), SizeIs(1));
  book.identified(ben, {&world, 1}, public_net, at(1s));
  EXPECT_THAT(book.addresses(ben, at(1s)), SizeIs(1));
}

TEST_F(AddressBookTest, a_full_book_of_given_peers_takes_no_strangers) {
  for (std::uint32_t i = 0; i < limits::book_peers; ++i) {
    book.give(peer(1000 + i), {&world, 1}, 1h, at(0s));
  }
  book.tell(anna, {&world, 1}, public_net, 1h, at(0s));
  EXPECT_THAT(known(0s), IsEmpty());
  book.give(anna, {&world, 1}, 1h, at(0s));
  EXPECT_THAT(known(0s), SizeIs(1));
  EXPECT_EQ(book.size(), limits::book_peers);
}

}  // namespace
}  // namespace goop::p2p
