// Attackers that fill a host with connections from several networks, while a visitor from a network
// of its own is served within a second and a class behind one address keeps its connections.
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "testing/hosts/host_world.h"

namespace goop::p2p {
namespace {

using sim::greet;
using sim::HostWorld;
using sim::SimHost;

KeyPair key_number(std::uint32_t number) {
  std::array<std::uint8_t, 32> seed{};
  for (std::size_t i = 0; i < 4; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
  seed[31] = 77;
  return KeyPair::from_seed(crypto::Secret<32>(seed));
}

enum class Family { v4, v6 };

struct Strength {
  int addresses;    // each in a network of its own
  int per_address;  // connections that each holds, or tries to
  Family family = Family::v4;
};

// Opens a connection and says nothing until it ends.
Task<> stay_silent(SimHost& from, net::Endpoint to, Deadline by) {
  auto raw = co_await from.connect(to, std::nullopt, by);
  Bytes buffer(64);
  for (;;) {
    const auto got = co_await raw->read_some(buffer);
    if (got == 0) break;
  }
}

Task<> keep_silent(SimHost& from, net::Endpoint to, Runtime& rt) {
  for (;;) {
    auto staying = stay_silent(from, to, Deadline::after(rt.now(), 10s));
    (void)co_await attempt(std::move(staying));
    co_await rt.sleep_for(rt.jittered(300ms));
  }
}

// Stays connected, and with `use` asks for something every half minute.
Task<> keep_connected(Host& host, PeerId to, std::vector<Multiaddr> at, Runtime& rt, bool use) {
  std::vector<ProtocolId> protocols = {greet};
  for (;;) {
    const auto by = Deadline::after(rt.now(), 10s);
    auto connecting = host.connect(to, at, by);
    const auto connected = co_await attempt(std::move(connecting));
    host.forget_failures(to);
    if (connected && use) {
      auto asking = sim::ask_line(host, to, protocols, "mallory", by);
      (void)co_await attempt(std::move(asking));
    }
    const Instant next = rt.now() + (use ? 30s : 1h);
    while (rt.now() < next && host.connected(to)) co_await rt.sleep_for(rt.jittered(500ms));
    co_await rt.sleep_for(rt.jittered(500ms));
  }
}

Task<> come_in(Host& host, PeerId to, std::vector<Multiaddr> at, Deadline by) {
  co_await host.connect(to, std::move(at), by);
}

struct HostCrowd : testing::Test {
  HostWorld world;
  SimHost& server = world.internet.add_host(std::vector<std::string>{"9.0.0.2", "2600::2"});
  Host& target = world.add(server, listening());
  std::vector<Host*> pupils;
  std::vector<std::uint64_t> pupils_connections;
  std::uint32_t keys = 0;
  int visitors = 0;
  TaskScope attack{world.rt, "attack"};

  static HostOptions listening() {
    HostOptions made(key_number(1'000'000));
    made.listen = {Multiaddr::parse("/ip4/0.0.0.0/tcp/4001").value(),
                   Multiaddr::parse("/ip6/::/tcp/4001").value()};
    return made;
  }

  void SetUp() override { class_of_forty(); }
  void TearDown() override { world.rt.wait(attack.close()); }

  Host& caller(SimHost& machine) { return world.add(machine, HostOptions(key_number(++keys))); }

  void class_of_forty() {
    auto& router = world.internet.add_host("9.1.1.1");
    for (int i = 0; i < 40; ++i) {
      pupils.push_back(&caller(router));
      pupils_connections.push_back(connect(*pupils.back(), Family::v4));
    }
    class_visits();
  }
  std::vector<Multiaddr> address(Family family) {
    const net::Endpoint at = endpoint(family);
    return {Multiaddr::tcp(at.address, at.port)};
  }
  net::Endpoint endpoint(Family family) {
    return {asio::ip::make_address(family == Family::v4 ? "9.0.0.2" : "2600::2"), 4001};
  }
  std::uint64_t connect(Host& from, Family family) {
    return world.rt.wait(from.connect(target.id(), address(family), world.soon())).id;
  }
  void class_visits() {
    for (auto* pupil : pupils) ASSERT_EQ(world.say(*pupil, target, "me"), "hello me");
  }
  void expect_class_kept_its_connections() {
    for (std::size_t i = 0; i < pupils.size(); ++i) {
      const auto now = pupils[i]->connections(target.id());
      ASSERT_EQ(now.size(), 1u) << "pupil " << i;
      EXPECT_EQ(now[0].id, pupils_connections[i]) << "pupil " << i;
    }
  }

  SimHost& attacker(int number, Family family) {
    return world.internet.add_host(family == Family::v4 ? fmt::format("8.{}.7.1", number)
                                                        : fmt::format("2a00:{:x}:1::1", number));
  }

  // Somebody never seen before comes, visits, and goes.
  void expect_visitor_is_served() {
    const int number = ++visitors;
    const Family family = number % 2 ? Family::v4 : Family::v6;
    auto& machine =
        world.internet.add_host(family == Family::v4 ? fmt::format("12.0.{}.1", number)
                                                     : fmt::format("2b00:{:x}::1", number));
    Host& visitor = caller(machine);
    const Instant before = world.rt.now();
    EXPECT_NO_THROW(connect(visitor, family)) << "visitor " << number;
    EXPECT_EQ(world.say(visitor, target, "me"), "hello me") << "visitor " << number;
    EXPECT_LT(world.rt.now() - before, 1s);
    visitor.disconnect(target.id());
  }

  // With a visitor every second and a class that clicks now and then.
  void expect_nobody_is_kept_out() {
    world.rt.run_for(200ms);
    expect_visitor_is_served();
    for (int i = 0; i < 8; ++i) {
      world.rt.run_for(1s);
      expect_visitor_is_served();
      if (i % 4 == 3) class_visits();
    }
    expect_class_kept_its_connections();
    const auto& usage = target.usage();
    EXPECT_LE(usage.handshakes_in, BudgetLimits{}.handshakes_in + limits::displaced_most);
    EXPECT_LE(usage.connections_in, BudgetLimits{}.connections_in + limits::displaced_most);
  }
};

struct HostCrowdUnder : HostCrowd, testing::WithParamInterface<Strength> {
  void silent() {
    for (int i = 0; i < GetParam().addresses; ++i) {
      auto& machine = attacker(i, GetParam().family);
      for (int k = 0; k < GetParam().per_address; ++k) {
        attack.spawn(keep_silent(machine, endpoint(GetParam().family), world.rt));
      }
    }
  }

  void proven(bool use) {
    const auto at = address(GetParam().family);
    for (int i = 0; i < GetParam().addresses; ++i) {
      auto& machine = attacker(i, GetParam().family);
      for (int k = 0; k < GetParam().per_address; ++k) {
        attack.spawn(keep_connected(caller(machine), target.id(), at, world.rt, use));
      }
    }
  }
};

TEST_P(HostCrowdUnder, silent_connections_served_within_a_second) {
  silent();
  expect_nobody_is_kept_out();
}

TEST_P(HostCrowdUnder, idle_proven_connections_served_within_a_second) {
  proven(false);
  expect_nobody_is_kept_out();
}

TEST_P(HostCrowdUnder, connections_used_twice_a_minute_served_within_a_second) {
  proven(true);
  expect_nobody_is_kept_out();
}

INSTANTIATE_TEST_SUITE_P(Strengths, HostCrowdUnder,
                         testing::Values(Strength{3, 60}, Strength{6, 60, Family::v6},
                                         Strength{6, 58}, Strength{12, 58}),
                         [](const auto& name) {
                           return fmt::format("{}_networks_of_{}_{}", name.param.addresses,
                                              name.param.per_address,
                                              name.param.family == Family::v4 ? "ipv4" : "ipv6");
                         });

TEST_F(HostCrowd, a_class_that_comes_in_under_attack_is_let_in_and_stays) {
  for (int i = 0; i < 6; ++i) {
    auto& machine = attacker(i, Family::v4);
    for (int k = 0; k < 60; ++k) {
      attack.spawn(keep_silent(machine, endpoint(Family::v4), world.rt));
    }
  }
  world.rt.run_for(10s);  // its burst of new connections is over
  auto& router = world.internet.add_host("9.2.2.2");
  TaskScope coming(world.rt, "class");
  std::vector<Host*> late;
  for (int i = 0; i < 40; ++i) {
    late.push_back(&caller(router));
    coming.spawn(come_in(*late.back(), target.id(), address(Family::v4), world.soon(1s)));
  }
  world.rt.run_for(1s);
  for (auto* pupil : late) EXPECT_TRUE(pupil->connected(target.id()));
  world.rt.wait(coming.close());
}

TEST_F(HostCrowd, a_peer_that_is_known_keeps_its_idle_connection) {
  auto& machine = world.internet.add_host("13.0.0.1");
  Host& friend_of_ours = caller(machine);
  target.protect(friend_of_ours.id(), "favourite");
  const auto connection = connect(friend_of_ours, Family::v4);
  for (int i = 0; i < 6; ++i) {
    auto& mallory = attacker(i, Family::v4);
    for (int k = 0; k < 58; ++k) {
      attack.spawn(
          keep_connected(caller(mallory), target.id(), address(Family::v4), world.rt, true));
    }
  }
  world.rt.run_for(70s);  // its grace is over
  ASSERT_TRUE(friend_of_ours.connected(target.id()));
  EXPECT_EQ(friend_of_ours.connections(target.id()).at(0).id, connection);
}

}  // namespace
}  // namespace goop::p2p
