// A board that many want to fill: caps by address, network and provider, and who makes room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rendezvous/board_test_kit.h"
#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

using ::testing::HasSubstr;

struct Crowd : ::testing::Test, BoardKit {
  // A message of an identity of its own, as good as signed.
  wire::PresenceMessage fresh() {
    auto message = invented(++numbers);
    message.envelope = {1};
    message.presence.ts = to_ms(wall) + numbers;
    message.presence.ttl = 1h;
    return message;
  }
  Outcome come(const net::IpAddress& from, wire::PresenceMessage message) {
    address = from;
    return apply(std::move(message));
  }
  Outcome come(const std::string& from) { return come(asio::ip::make_address(from), fresh()); }
  // Gives the last refusal.
  std::string flood(const std::string& from, std::size_t times) {
    std::string refusal;
    for (std::size_t i = 0; i < times; ++i) {
      if (const auto outcome = come(from); outcome.refused) refusal = outcome.refused->detail;
    }
    return refusal;
  }
  // Peers with proven sockets.
  std::vector<p2p::PeerId> settle(const std::string& from, std::size_t count) {
    std::vector<p2p::PeerId> peers;
    for (std::size_t i = 0; i < count; ++i) {
      auto message = fresh();
      peers.push_back(message.presence.peer);
      EXPECT_FALSE(come(asio::ip::make_address(from), std::move(message)).refused);
      board.hold(peers.back());
    }
    return peers;
  }
  std::size_t here(const std::vector<p2p::PeerId>& peers) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(peers, [&](const auto& peer) { return board.find(peer); }));
  }

  int numbers = 0;
};

TEST_F(Crowd, twelve_subnets_of_one_network_fill_no_board) {
  std::string refusal;
  for (int subnet = 0; subnet < 24; ++subnet) {  // twice as many
    refusal = flood(fmt::format("2001:db8:7:{:x}::", subnet), limits::peers_per_address + 1);
  }
  EXPECT_EQ(board.size(), limits::peers / limits::network_share);
  EXPECT_THAT(refusal, HasSubstr("of one network (IPv4 /24, IPv6 /48)"));
  const auto newcomer = come("203.0.113.5");
  EXPECT_FALSE(newcomer.refused);
  EXPECT_EQ(newcomer.changes.size(), 1u);  // nobody had to go
}

TEST_F(Crowd, what_is_full_is_named) {
  EXPECT_THAT(flood("203.0.113.5", limits::peers_per_address + 1),
              HasSubstr("at most 2000 peers of one address (IPv6 /64)"));
  EXPECT_THAT(flood("203.0.113.6", limits::peers_per_address), "");
  EXPECT_THAT(flood("203.0.113.7", 1), HasSubstr("at most 4000 peers of one network"));
  for (int third = 1; third <= 6; ++third) flood(fmt::format("203.0.{}.1", third), 1'000);
  flood("203.0.7.1", 1'500);
  EXPECT_THAT(flood("203.0.8.1", 1'500), HasSubstr("at most 10000 peers of one provider"));
  for (int second = 1; second <= 5; ++second) {
    flood(fmt::format("198.{}.100.1", second), limits::peers_per_address);
  }
  EXPECT_THAT(flood("198.1.100.2", 2'000), HasSubstr("at most 20000 peers in all"));
}

TEST_F(Crowd, several_networks_keep_no_newcomer_out_and_no_class_of_forty) {
  const auto forty = settle("198.51.100.1", 40);
  std::vector<std::string> attackers;
  for (int i = 0; i < 12; ++i) {
    attackers.push_back(fmt::format("2001:db8:{:x}::", 0x100 + i));
    attackers.push_back(fmt::format("10.{}.7.9", i));
  }
  std::string refusal;
  for (int round = 0; round < 2; ++round) {
    for (const auto& attacker : attackers) refusal = flood(attacker, limits::peers_per_address);
  }
  EXPECT_EQ(board.size(), limits::peers);
  EXPECT_THAT(refusal, HasSubstr("your network (IPv4 /24, IPv6 /48) has its share"));
  EXPECT_EQ(here(forty), 40u);
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(come(fmt::format("203.0.{}.5", i)).refused);
    for (const auto& attacker : attackers) come(attacker);
  }
  EXPECT_EQ(here(forty), 40u);
  // The class next door may come, too, one after the other.
  EXPECT_EQ(here(settle("198.51.101.1", 40)), 40u);
}

TEST_F(Crowd, networks_of_one_provider_keep_their_neighbours_no_place_either) {
  const auto forty = settle("10.7.200.1", 40);
  for (int i = 0; i < 12; ++i) {
    flood(fmt::format("10.7.{}.9", i), limits::peers_per_address);
  }
  EXPECT_EQ(board.size(), limits::peers / limits::provider_share);
  EXPECT_FALSE(come("10.7.201.1").refused);
  EXPECT_EQ(here(forty), 40u);
}

TEST_F(Crowd, a_school_behind_one_address_is_fine) {
  const auto school = settle("198.51.100.1", 1'500);
  for (int i = 0; i < 24; ++i) {
    flood(fmt::format("10.{}.7.9", i), limits::peers_per_address);
  }
  EXPECT_EQ(board.size(), limits::peers);
  EXPECT_EQ(here(school), 1'500u);
}

TEST_F(Crowd, proven_sockets_of_several_networks_keep_nobody_out_either) {
  const auto forty = settle("198.51.100.1", 40);
  for (int i = 0; i < 12; ++i) {
    for (std::size_t k = 0; k < limits::peers_per_address; ++k) {
      const auto message = fresh();
      const auto from = asio::ip::make_address(fmt::format("10.{}.7.9", i));
      if (!come(from, message).refused) board.hold(message.presence.peer);
    }
  }
  EXPECT_EQ(board.size(), limits::peers);
  EXPECT_EQ(here(forty), 40u);
  EXPECT_FALSE(come("203.0.113.5").refused);
  auto unsigned_one = invented(-7);
  EXPECT_FALSE(come(asio::ip::make_address("203.0.114.5"), unsigned_one).refused);
}

TEST_F(Crowd, whoever_announces_an_hour_and_stays_not_connected_is_gone_after_a_minute) {
  const auto forty = settle("198.51.100.1", 40);
  for (int i = 0; i < 10; ++i) flood(fmt::format("10.{}.7.9", i), limits::peers_per_address);
  pass(limits::announced_ttl);
  board.expire(now, wall);
  EXPECT_EQ(board.size(), 40u);
  EXPECT_EQ(here(forty), 40u);
}

TEST_F(Crowd, floods_of_equal_networks_do_not_push_rows_to_and_fro) {
  for (int i = 0; i < 10; ++i) flood(fmt::format("10.{}.7.9", i), limits::peers_per_address);
  std::size_t gone = 0;
  for (int i = 0; i < 1'000; ++i) {
    gone += kinds(come(fmt::format("10.{}.7.10", i % 10))).size();
  }
  EXPECT_EQ(gone, 0u);
}

TEST_F(Crowd, the_least_proven_row_of_the_fullest_network_goes_first) {
  board = Board({.peers = 161});
  const auto held = settle("198.51.100.1", 60);
  const auto unsigned_one = invented(9'999);
  EXPECT_FALSE(come(asio::ip::make_address("198.51.100.2"), unsigned_one).refused);
  flood("198.51.100.3", 60);
  flood("203.0.113.1", 40);
  ASSERT_EQ(board.size(), 161u);
  come("192.0.2.1");
  EXPECT_EQ(board.find(unsigned_one.presence.peer), nullptr);
  for (int i = 0; i < 30; ++i) come("192.0.2.1");
  EXPECT_EQ(here(held), 60u);
}

TEST_F(Crowd, a_full_address_cannot_be_filled_further_by_moving_there) {
  flood("203.0.113.5", limits::peers_per_address);
  auto message = fresh();
  EXPECT_FALSE(come(asio::ip::make_address("198.51.100.1"), message).refused);
  ++message.presence.ts;
  const auto full = asio::ip::make_address("203.0.113.5");
  EXPECT_FALSE(come(full, message).refused);
  EXPECT_EQ(board.rows_at(full), limits::peers_per_address);
}

// --- the same at a server ---

struct FullTown : TownTest {
  static Options small() {
    auto options = roomy();
    options.peers = 100;
    return options;
  }
  FullTown() : TownTest(small()) {}
};

TEST_F(FullTown, an_honest_newcomer_is_taken_at_once_and_a_refusal_says_what_is_full) {
  Posted last;
  for (std::uint8_t i = 0; i < 240; ++i) {  // six networks
    auto attacker = person(static_cast<std::uint8_t>(i + 10));
    attacker.ttl = 1h;
    last = say(client(250 * (i % 6)), attacker);
  }
  EXPECT_EQ(server->board().size(), 100u);
  EXPECT_EQ(last.status, 429);
  EXPECT_THAT(last.body, HasSubstr("at most 100 peers in all"));
  auto nora = person(1);
  EXPECT_EQ(say(home, nora).status, 204);
  EXPECT_NE(server->board().find(nora.id), nullptr);
}

}  // namespace
}  // namespace goop::rendezvous
