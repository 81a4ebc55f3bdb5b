// Where connections are all in use, who makes room for whom.
#include <gtest/gtest.h>

#include "p2p/swarm/budget.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;

// Who holds tickets and gives up those that made room, as a host does.
struct BudgetRoom : testing::Test {
  std::map<std::uint64_t, ConnectionTicket> held;
  std::vector<std::uint64_t> displaced;
  Budget budget{{}, [this](std::uint64_t id) {
                  displaced.push_back(id);
                  held.erase(id);
                }};
  std::uint32_t peers = 0;

  void TearDown() override { held.clear(); }

  std::uint64_t keep(Result<ConnectionTicket> ticket) {
    if (!ticket) return 0;
    const auto id = ticket->id();
    held.emplace(id, *std::move(ticket));
    return id;
  }
  std::uint64_t silent(std::string_view from, Instant now) {
    return keep(budget.accept(ip(from), now));
  }
  std::uint64_t proven(std::string_view from, Instant now) {
    auto ticket = budget.accept(ip(from), now);
    if (ticket && !ticket->attach(peer(++peers), now)) ticket = fail(Errc::busy, "");
    return keep(std::move(ticket));
  }
};

TEST_F(BudgetRoom, silent_connections_of_three_networks_make_room) {
  for (int i = 0; i < 180; ++i) silent(fmt::format("8.8.{}.1", i % 3), at(0s));
  EXPECT_EQ(budget.usage().handshakes_in, 128u);
  const auto visitor = silent("9.9.9.9", at(100ms));
  EXPECT_TRUE(held.contains(visitor));
  EXPECT_EQ(displaced.size(), 1u);
  EXPECT_EQ(budget.usage().handshakes_in, 128u);
  for (int i = 0; i < 180; ++i) silent(fmt::format("8.8.{}.1", i % 3), at(900ms));
  EXPECT_TRUE(held.contains(visitor));
}

TEST_F(BudgetRoom, a_network_whose_handshakes_are_all_in_use_loses_its_own_oldest_silent_one) {
  const auto first = silent("8.8.8.1", at(0s));
  for (int i = 1; i < 48; ++i) silent("8.8.8.1", at(0s));
  EXPECT_FALSE(silent("8.8.8.2", at(999ms)));
  EXPECT_TRUE(silent("8.8.8.2", at(0s) + limits::handshake_grace));
  EXPECT_EQ(displaced, std::vector{first});
}

TEST_F(BudgetRoom, who_made_room_can_no_longer_prove_itself) {
  BudgetLimits one;
  one.handshakes_in = 1;
  Budget small(one);
  auto first = small.accept(ip("8.8.8.8"), at(0s)).value();
  const auto second = small.accept(ip("9.9.9.9"), at(2s));
  EXPECT_TRUE(second);
  EXPECT_EQ(first.attach(peer(1), at(2s)).error().code, Errc::busy);
}

TEST_F(BudgetRoom, idle_proven_connections_of_six_networks_make_room) {
  for (int i = 0; i < 6 * 58; ++i) proven(fmt::format("8.8.{}.1", i % 6), at(0s));
  EXPECT_EQ(budget.usage().connections_in, 256u);
  const auto visitor = proven("9.9.9.9", at(1s));
  EXPECT_TRUE(held.contains(visitor));
  for (int i = 0; i < 600; ++i) proven(fmt::format("8.8.{}.1", i % 6), at(4s));
  EXPECT_TRUE(held.contains(visitor));
}

TEST_F(BudgetRoom, connections_in_use_go_only_where_their_network_holds_more_than_its_share) {
  std::vector<std::uint64_t> pupils;
  for (int i = 0; i < 40; ++i) pupils.push_back(proven("7.7.7.7", at(0s)));
  for (int i = 0; i < 12 * 58; ++i) proven(fmt::format("8.8.{}.1", i % 12), at(0s));
  for (auto& [id, ticket] : held) ticket.used(at(10s));
  for (const auto pupil : pupils) held.at(pupil).used(at(20s));
  for (int i = 0; i < 600; ++i) proven(fmt::format("8.8.{}.1", i % 12), at(30s));
  EXPECT_TRUE(held.contains(proven("9.9.9.9", at(30s))));
  for (const auto pupil : pupils) EXPECT_TRUE(held.contains(pupil));
}

TEST_F(BudgetRoom, a_peer_that_is_known_is_closed_last) {
  const auto known = proven("8.8.0.1", at(0s));
  held.at(known).set_known(true);
  for (int i = 0; i < 6 * 58; ++i) proven(fmt::format("8.8.{}.1", i % 6), at(1s));
  for (int i = 0; i < 300; ++i) proven(fmt::format("9.9.{}.1", i % 200), at(1h));
  EXPECT_TRUE(held.contains(known));
}

TEST_F(BudgetRoom, our_own_dials_get_room_too) {
  for (int i = 0; i < 6 * 58; ++i) proven(fmt::format("8.8.{}.1", i % 6), at(0s));
  std::vector<ConnectionTicket> dials;
  for (int i = 0; i < 150; ++i) {
    auto dial = budget.dial(at(10s));
    ASSERT_TRUE(dial) << i;
    dials.push_back(*std::move(dial));
  }
  EXPECT_EQ(budget.usage().connections_in, 384u - 150u);
}

TEST_F(BudgetRoom, who_connects_too_often_displaces_nobody) {
  for (int i = 0; i < 6 * 58; ++i) proven(fmt::format("8.8.{}.1", i % 6), at(0s));
  for (int i = 0; i < 1000; ++i) budget.accept(ip("9.9.9.9"), at(10s));
  EXPECT_LE(displaced.size(), static_cast<std::size_t>(BudgetLimits{}.burst_per_ip));
}

TEST_F(BudgetRoom, so_many_may_still_be_ending) {
  Budget slow{{}};  // whose host ends nothing
  std::vector<ConnectionTicket> tickets;
  for (int i = 0; i < 128; ++i) {
    tickets.push_back(slow.accept(ip(fmt::format("8.8.{}.1", i % 8)), at(0s)).value());
  }
  std::size_t more = 0;
  for (int i = 0; i < 100; ++i) {
    auto ticket = slow.accept(ip(fmt::format("9.9.{}.1", i)), at(5s));
    if (!ticket) break;
    tickets.push_back(*std::move(ticket));
    ++more;
  }
  EXPECT_EQ(more, limits::displaced_most);
}

TEST_F(BudgetRoom, the_connection_manager_sheds_what_was_idle_for_longest) {
  const auto first = proven("8.8.8.1", at(0s)), second = proven("8.8.9.1", at(1s));
  EXPECT_EQ(budget.shed(at(4s)), std::nullopt);
  EXPECT_EQ(budget.shed(at(10s)), first);
  EXPECT_EQ(budget.shed(at(10s)), second);
  EXPECT_EQ(budget.shed(at(10s)), std::nullopt);
  EXPECT_TRUE(displaced.empty());
}

}  // namespace
}  // namespace goop::p2p
