#include "p2p/swarm/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::HasSubstr;

const PeerId anna = peer(1), ben = peer(2);
const ProtocolId echo("/echo/1.0.0"), chat("/chat/1.0.0");
const IpAddress router = ip("8.8.8.8"), here = ip("127.0.0.1");

IpAddress stranger(std::uint32_t i) {  // every one in a network of its own
  return boost::asio::ip::address_v4(0x08000001u + (i << 8));
}

// No limit that the test at hand did not set.
BudgetLimits wide() {
  BudgetLimits limits;
  limits.connections_in = limits.connections_out = limits.connections_total = 100'000;
  limits.handshakes_in = limits.handshakes_out = limits.handshakes_per_network = 100'000;
  limits.streams_in = limits.streams_out = 100'000;
  limits.peer_connections = limits.peer_streams_in = limits.peer_streams_out = 100'000;
  limits.per_ip4 = limits.per_ip6_56 = limits.per_ip6_48 = 100'000;
  limits.rate_per_ip = limits.burst_per_ip = 100'000;
  return limits;
}

// Takes tickets until one is refused; how many, and why no more.
template <class Ticket>
struct Taken {
  std::vector<Ticket> tickets;
  Error why;
};
template <class Take>
auto take_all(Take take) {
  using Ticket = std::invoke_result_t<Take, std::uint32_t>::value_type;
  Taken<Ticket> taken;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    auto ticket = take(i);
    if (!ticket) {
      taken.why = ticket.error();
      break;
    }
    taken.tickets.push_back(*std::move(ticket));
  }
  return taken;
}

TEST(Budget, gives_everything_back_when_the_tickets_end) {
  Budget budget{{}};
  {
    auto connection = budget.accept(router, at(0s)).value();
    ASSERT_TRUE(connection.attach(anna, at(0s)));
    auto refused_early = budget.accept(router, at(0s));
    auto dialled = budget.dial(at(0s));
    auto in = budget.stream(anna, Direction::inbound).value();
    ASSERT_TRUE(in.attach(echo, {}));
    auto out = budget.stream(anna, Direction::outbound);
    auto memory = budget.memory(anna, 1000);
    EXPECT_EQ(budget.usage(), (Budget::Usage{.handshakes_in = 1,
                                             .handshakes_out = 1,
                                             .connections_in = 2,
                                             .connections_out = 1,
                                             .streams_in = 1,
                                             .streams_out = 1,
                                             .memory = 1000}));
  }
  EXPECT_EQ(budget.usage(), Budget::Usage{});
  EXPECT_EQ(budget.table_entries(), 1u);  // the rate of one address
}

TEST(Budget, a_moved_ticket_is_given_back_once) {
  Budget budget{{}};
  auto first = budget.accept(here, at(0s)).value();
  auto second = std::move(first);
  first = std::move(second);
  auto other = budget.accept(here, at(0s)).value();
  first = std::move(other);  // the place it held before is free
  EXPECT_EQ(budget.usage().connections_in, 1u);
}

TEST(Budget, caps_inbound_handshakes) {
  auto limits = wide();
  limits.handshakes_in = BudgetLimits{}.handshakes_in;
  Budget budget(limits);
  const auto taken = take_all([&](auto i) { return budget.accept(stranger(i), at(0s)); });
  EXPECT_EQ(taken.tickets.size(), limits.handshakes_in);
  EXPECT_EQ(taken.why, (Error{Errc::busy, "inbound handshakes: all 128 in use"}));
}

TEST(Budget, a_proven_peer_leaves_the_handshake_scope_and_keeps_its_connection) {
  auto limits = wide();
  limits.handshakes_in = 1;
  Budget budget(limits);
  auto first = budget.accept(router, at(0s)).value();
  EXPECT_FALSE(budget.accept(router, at(0s)));
  ASSERT_TRUE(first.attach(anna, at(0s)));
  EXPECT_TRUE(budget.accept(router, at(0s)));
  EXPECT_EQ(budget.usage().connections_in, 1u);
}

TEST(Budget, caps_handshakes_of_one_network) {
  const auto limit = BudgetLimits{}.handshakes_per_network;
  auto limits = wide();
  limits.handshakes_per_network = limit;
  Budget budget(limits);
  const auto four =
      take_all([&](auto i) { return budget.accept(ip(fmt::format("8.8.8.{}", i % 256)), at(0s)); });
  EXPECT_EQ(four.tickets.size(), limit);
  EXPECT_THAT(four.why.detail, HasSubstr("handshakes of one network"));
  const auto six = take_all([&](auto i) {
    return budget.accept(ip(fmt::format("2606:1:1:1{:02x}::1", i % 256)), at(0s));
  });
  EXPECT_EQ(six.tickets.size(), limit);
  EXPECT_TRUE(budget.accept(ip("8.8.9.1"), at(0s)));
}

TEST(Budget, caps_connections_in_out_and_together) {
  auto limits = wide();
  limits.connections_in = 5;
  limits.connections_out = 6;
  limits.connections_total = 9;
  Budget budget(limits);
  const auto in = take_all([&](auto i) { return budget.accept(stranger(i), at(0s)); });
  EXPECT_EQ(in.tickets.size(), 5u);
  EXPECT_THAT(in.why.detail, HasSubstr("inbound connections"));
  auto out = take_all([&](auto) { return budget.dial(at(0s)); });
  EXPECT_EQ(out.tickets.size(), 4u);
  EXPECT_EQ(out.why.detail, "connections: all 9 in use");
  EXPECT_EQ(budget.accept(router, at(0s)).error().code, Errc::busy);
}

TEST(Budget, caps_outbound_connections_and_dials) {
  auto limits = wide();
  limits.connections_out = 6;
  limits.handshakes_out = 4;
  Budget budget(limits);
  auto dials = take_all([&](auto) { return budget.dial(at(0s)); });
  EXPECT_EQ(dials.tickets.size(), 4u);
  EXPECT_EQ(dials.why.detail, "dials: all 4 in use");
  for (auto& ticket : dials.tickets) ASSERT_TRUE(ticket.attach(anna, at(0s)));
  auto more = take_all([&](auto) { return budget.dial(at(0s)); });
  EXPECT_EQ(more.tickets.size(), 2u);
  EXPECT_EQ(more.why.detail, "outbound connections: all 6 in use");
}

TEST(Budget, caps_connections_of_one_peer_and_leaves_the_refused_ticket_as_it_was) {
  auto limits = wide();
  limits.peer_connections = BudgetLimits{}.peer_connections;
  Budget budget(limits);
  std::vector<ConnectionTicket> held;
  for (std::size_t i = 0; i < limits.peer_connections; ++i) {
    held.push_back(budget.dial(at(0s)).value());
    ASSERT_TRUE(held.back().attach(anna, at(0s)));
  }
  auto ninth = budget.dial(at(0s)).value();
  EXPECT_EQ(ninth.attach(anna, at(0s)).error(),
            (Error{Errc::busy, "connections of one peer: all 8 in use"}));
  EXPECT_EQ(budget.usage().handshakes_out, 1u);
  EXPECT_TRUE(ninth.attach(ben, at(0s)));
}

// --- addresses ---

TEST(Budget, trap_28_a_class_of_forty_behind_one_address_comes_in_together) {
  Budget budget{{}};
  std::vector<ConnectionTicket> held;
  for (std::uint32_t i = 0; i < 40; ++i) {
    auto ticket = budget.accept(router, at(0s));
    ASSERT_TRUE(ticket) << i << ": " << ticket.error().detail;
    held.push_back(*std::move(ticket));
  }
  for (std::uint32_t i = 0; i < 40; ++i) ASSERT_TRUE(held[i].attach(peer(i), at(0s)));
}

TEST(Budget, ten_thousand_connects_from_one_address_leave_room_for_everybody_else) {
  std::map<std::uint64_t, ConnectionTicket> held;
  Budget budget({}, [&](std::uint64_t id) { held.erase(id); });
  for (std::uint32_t i = 0; i < 10'000; ++i) {  // ten seconds
    auto ticket = budget.accept(router, at(i * 1ms));
    if (!ticket) continue;
    ASSERT_TRUE(ticket->attach(peer(i), at(i * 1ms)));
    held.emplace(ticket->id(), *std::move(ticket));
    ASSERT_LE(held.size(), BudgetLimits{}.per_ip4);
  }
  EXPECT_EQ(held.size(), BudgetLimits{}.per_ip4);
  EXPECT_LE(budget.table_entries(), 2u + 2 * 64u);
  EXPECT_TRUE(budget.accept(stranger(1), at(10s)));
  held.clear();
}

TEST(Budget, connections_that_come_and_go_are_let_in_at_a_bounded_rate) {
  Budget budget{{}};
  std::size_t let_in = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    if (budget.accept(router, at(i * 1ms))) ++let_in;
  }
  const BudgetLimits limits;
  EXPECT_NEAR(static_cast<double>(let_in), limits.burst_per_ip + 10 * limits.rate_per_ip, 1);
}

TEST(Budget, a_refusal_for_rate_says_so) {
  auto limits = wide();
  limits.rate_per_ip = limits.burst_per_ip = 1;
  Budget budget(limits);
  EXPECT_TRUE(budget.accept(router, at(0s)));
  const auto refused = budget.accept(router, at(0s));
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_THAT(refused.error().detail, HasSubstr("new connections of one address"));
  EXPECT_TRUE(budget.accept(stranger(1), at(0s)));
}

TEST(Budget, loopback_is_exempt_from_what_counts_per_address) {
  for (const auto* local : {"127.0.0.1", "::1"}) {
    Budget budget{{}};
    const auto taken = take_all([&](auto) { return budget.accept(ip(local), at(0s)); });
    EXPECT_EQ(taken.tickets.size(), BudgetLimits{}.handshakes_in) << local;
  }
}

TEST(Budget, counts_ipv6_by_the_56_of_a_household_and_the_48_above_it) {
  auto limits = wide();
  limits.per_ip6_56 = 3;
  limits.per_ip6_48 = 5;
  Budget budget(limits);
  const auto host = [](std::uint32_t household, std::uint32_t i) {
    return ip(fmt::format("2606:4700:1:{:x}{:02x}::1", household, i));
  };
  const auto one = take_all([&](auto i) { return budget.accept(host(1, i), at(0s)); });
  EXPECT_EQ(one.tickets.size(), 3u);
  EXPECT_EQ(one.why.detail, "connections of one address: all 3 in use");
  const auto two = take_all([&](auto i) { return budget.accept(host(2, i), at(0s)); });
  EXPECT_EQ(two.tickets.size(), 2u);
  EXPECT_EQ(two.why.detail, "connections of one /48: all 5 in use");
}

TEST(Budget, an_ipv4_address_inside_ipv6_counts_as_ipv4) {
  auto limits = wide();
  limits.per_ip4 = 1;
  Budget budget(limits);
  const auto held = budget.accept(ip("::ffff:8.8.8.8"), at(0s));
  EXPECT_FALSE(budget.accept(router, at(0s)));
}

TEST(Budget, watches_the_rate_of_a_bounded_number_of_addresses) {
  Budget budget(wide());
  for (std::uint32_t i = 0; i < limits::rate_entries + 100; ++i) {
    ASSERT_TRUE(budget.accept(stranger(i), at(0s)));
  }
  EXPECT_EQ(budget.table_entries(), limits::rate_entries);
}

// --- streams ---

TEST(Budget, caps_the_streams_of_one_peer_in_each_direction) {
  for (const auto direction : {Direction::inbound, Direction::outbound}) {
    Budget budget{{}};
    const auto taken = take_all([&](auto) { return budget.stream(anna, direction); });
    EXPECT_EQ(taken.tickets.size(), 256u);
    EXPECT_THAT(taken.why.detail, HasSubstr("one peer: all 256"));
    EXPECT_TRUE(budget.stream(ben, direction));
  }
}

TEST(Budget, caps_the_streams_of_all_peers_in_each_direction) {
  for (const auto direction : {Direction::inbound, Direction::outbound}) {
    Budget budget{{}};
    const auto taken = take_all([&](auto i) { return budget.stream(peer(i), direction); });
    EXPECT_EQ(taken.tickets.size(), direction == Direction::inbound ? 2048u : 4096u);
    EXPECT_THAT(taken.why.detail, HasSubstr("streams: all"));
  }
}

TEST(Budget, caps_the_inbound_streams_of_one_protocol_per_peer_and_in_all) {
  Budget budget{{}};
  const HandlerLimits handler{.per_peer = 2, .total = 3};
  std::vector<StreamTicket> held;
  const auto open = [&](const PeerId& from, const ProtocolId& protocol) {
    held.push_back(budget.stream(from, Direction::inbound).value());
    return held.back().attach(protocol, handler);
  };
  EXPECT_TRUE(open(anna, echo));
  EXPECT_TRUE(open(anna, echo));
  EXPECT_THAT(open(anna, echo).error().detail, HasSubstr("/echo/1.0.0 of one peer: all 2"));
  EXPECT_TRUE(open(anna, chat));
  EXPECT_TRUE(open(ben, echo));
  EXPECT_THAT(open(peer(3), echo).error().detail, HasSubstr("streams of /echo/1.0.0: all 3"));
  held.clear();
  EXPECT_TRUE(open(anna, echo));
}

// --- memory ---

TEST(Budget, caps_the_memory_held_for_one_peer) {
  Budget budget{{}};
  auto held = budget.memory(anna, 32u << 20).value();
  EXPECT_THAT(budget.memory(anna, 1).error().detail, HasSubstr("memory of one peer"));
  EXPECT_TRUE(held.resize(1));
  EXPECT_TRUE(budget.memory(anna, 1000));
}

TEST(Budget, caps_the_memory_held_for_all_peers) {
  Budget budget{{}};
  const auto taken = take_all([&](auto i) { return budget.memory(peer(i), 32u << 20); });
  EXPECT_EQ(taken.tickets.size(), 8u);
  EXPECT_THAT(taken.why.detail, HasSubstr("memory: all"));
}

TEST(Budget, growth_may_take_three_quarters_of_a_memory_scope_and_data_the_rest) {
  Budget budget({.memory = 2000, .peer_memory = 1000});
  auto first = budget.memory(anna, 0).value();
  auto second = budget.memory(peer(7), 0).value();
  const auto of_peer = static_cast<std::size_t>(1000 * limits::growth_share);
  EXPECT_TRUE(first.resize(of_peer, MemoryUse::growth));
  EXPECT_FALSE(first.resize(of_peer + 1, MemoryUse::growth));
  EXPECT_TRUE(first.resize(1000));
  EXPECT_FALSE(first.resize(1001));
  EXPECT_TRUE(second.resize(500, MemoryUse::growth));
  EXPECT_THAT(second.resize(501, MemoryUse::growth).error().detail, HasSubstr("memory: all 1500"));
  EXPECT_TRUE(second.resize(1000));
}

TEST(Budget, a_refused_growth_leaves_the_memory_as_it_was) {
  Budget budget{{}};
  auto held = budget.memory(anna, 1000).value();
  EXPECT_FALSE(held.resize(std::numeric_limits<std::size_t>::max()));
  EXPECT_EQ(held.bytes(), 1000u);
  EXPECT_EQ(budget.usage().memory, 1000u);
}

}  // namespace
}  // namespace goop::p2p
