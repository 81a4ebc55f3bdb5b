// What many routers do together.
#include <gtest/gtest.h>

#include "p2p/pubsub/simulation_test_kit.h"

namespace goop::p2p::pubsub {
namespace {

using test::Net;

// Fifty nodes and a newcomer: in how many steps its message reaches each of the others, and when.
struct Reach {
  std::vector<std::size_t> hops;
  std::vector<Duration> times;
};

Reach reach_of_newcomers(Net::Latency latency) {
  Reach reach;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Net net(seed, latency);
    for (int i = 0; i < 50; ++i) net.add();
    for (std::size_t i = 0; i < 50; ++i) net.connect_to_some(i, 6);
    net.run_for(10s);
    const auto newcomer = net.add();
    net.connect_to_some(newcomer, 8);
    net.run_for(1500ms);
    const Instant start = net.now();
    const auto message = net.publish(newcomer);
    std::vector<bool> there(50);
    for (int i = 0; i < 5000 && net.spread(message) < 1; ++i) {
      net.run_for(1ms);
      for (std::size_t node = 0; node < 50; ++node) {
        if (there[node] || !net.hops(message, node)) continue;
        there[node] = true;
        reach.hops.push_back(*net.hops(message, node));
        reach.times.push_back(net.now() - start);
      }
    }
  }
  std::ranges::sort(reach.hops);
  std::ranges::sort(reach.times);
  return reach;
}

TEST(GossipSimulation, ANewcomersMessageIsKnownToAllWithinThreeHops) {
  const auto reach = reach_of_newcomers({50ms, 50ms});
  ASSERT_EQ(reach.hops.size(), 20u * 50);
  EXPECT_LE(reach.hops[990], 3u);
}

// Where latencies differ many quick steps may be faster than a slow one, so what counts is the
// time.
TEST(GossipSimulation, ANewcomersMessageIsKnownToAllWithinTheTimeOfThreeHops) {
  const auto reach = reach_of_newcomers({5ms, 150ms});
  ASSERT_EQ(reach.times.size(), 20u * 50);
  EXPECT_LE(reach.times[990], 3 * 150ms);
}

TEST(GossipSimulation, AThousandNodesForAMinute) {
  constexpr std::size_t count = 1000;
  Net net(1);
  for (std::size_t i = 0; i < count; ++i) net.add();
  for (std::size_t i = 0; i < count; ++i) net.connect_to_some(i, 6);
  net.run_for(5s);
  std::vector<MessagePtr> messages;
  for (std::size_t i = 0; i < count; i += 8) {
    messages.push_back(net.publish(i));
    net.run_for(400ms);
  }
  net.run_for(5s);
  for (const auto& message : messages) EXPECT_EQ(net.spread(message), 1.0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto mesh = net.router(i).mesh(test::topic()).size();
    EXPECT_GE(mesh, 4u);
    EXPECT_LE(mesh, 14u);
    EXPECT_EQ(net.router(i).counters().penalties, 0u);
  }
}

TEST(GossipSimulation, APartitionHeals) {
  Net net(3);
  for (int i = 0; i < 60; ++i) net.add();
  for (std::size_t i = 0; i < 60; ++i) net.connect_to_some(i, 6);
  net.run_for(10s);
  net.separate([](std::size_t node) { return node < 30 ? 0 : 1; });
  net.run_for(1s);
  const auto lost = net.publish(0);
  net.run_for(9s);
  EXPECT_NEAR(net.spread(lost), 0.5, 0.01);
  const auto late = net.publish(59);
  net.run_for(500ms);
  net.separate({});
  net.run_for(4s);
  EXPECT_EQ(net.spread(late), 1.0);  // gossip carries it over
  const auto after = net.publish(0);
  net.run_for(3s);
  EXPECT_EQ(net.spread(after), 1.0);
  for (std::size_t i = 0; i < 60; ++i) {
    for (const auto other : net.neighbours(i)) {
      EXPECT_GE(net.router(i).score(net.id(other)), scoring::gossip_threshold);
    }
  }
}

TEST(GossipSimulation, ANetThatWasCutInTwoGrowsTogetherAgain) {
  Net net(4);
  for (int i = 0; i < 40; ++i) net.add();
  for (std::size_t i = 0; i < 40; ++i) net.connect_to_some(i, 5);
  net.run_for(5s);
  std::vector<std::pair<std::size_t, std::size_t>> cut;
  for (std::size_t a = 0; a < 20; ++a) {
    for (const auto b : net.neighbours(a)) {
      if (b >= 20) cut.emplace_back(a, b);
    }
  }
  for (const auto& [a, b] : cut) net.disconnect(a, b);
  net.run_for(10s);
  const auto apart = net.publish(0);
  net.run_for(2s);
  EXPECT_EQ(net.spread(apart), 0.5);
  for (const auto& [a, b] : cut) net.connect(a, b);
  net.run_for(2s);
  const auto message = net.publish(0);
  net.run_for(2s);
  EXPECT_EQ(net.spread(message), 1.0);
}

TEST(GossipSimulation, AClassBehindOneAddressFormsAMesh) {
  Net net(5);
  for (int i = 0; i < 40; ++i) net.add(Net::Role::honest, "the school");
  for (std::size_t i = 0; i < 40; ++i) net.connect_to_some(i, 8);
  net.run_for(10s);
  std::vector<MessagePtr> messages;
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_GE(net.router(i).mesh(test::topic()).size(), 4u);
    messages.push_back(net.publish(i));
    net.run_for(200ms);
  }
  net.run_for(3s);
  for (const auto& message : messages) EXPECT_EQ(net.spread(message), 1.0);
}

// --- attackers ---

// Graft themselves into every mesh, pass nothing on, send forgeries and rubbish, promise what they
// do not have, and ask for everything.
void behave_badly(Net& net, std::size_t attacker, std::uint64_t& seqno) {
  for (const auto victim : net.neighbours(attacker)) {
    Rpc rpc;
    rpc.control.graft.push_back(test::topic());
    Have have{test::topic(), {}};
    for (int i = 0; i < 50; ++i) have.ids.emplace_back(net.id(attacker), ++seqno);
    rpc.control.ihave.push_back(std::move(have));
    for (int i = 0; i < 3; ++i) {
      const auto text = net.below(2) ? "forged" : "rubbish";
      rpc.messages.push_back(test::message_of(net.id(attacker), ++seqno, text));
    }
    net.send(attacker, victim, std::move(rpc));
  }
}

// The quiet kind: sits in the mesh and passes nothing on.
void sit_in_meshes(Net& net, std::size_t attacker) {
  for (const auto victim : net.neighbours(attacker)) {
    const auto mesh = net.router(victim).mesh(test::topic());
    if (std::ranges::find(mesh, net.id(attacker)) != mesh.end() || net.below(70) != 0) continue;
    Rpc rpc;
    rpc.control.graft.push_back(test::topic());
    net.send(attacker, victim, std::move(rpc));
  }
}

double share_that_arrives(Net& net) {
  std::vector<std::size_t> honest;
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net.honest(i)) honest.push_back(i);
  }
  std::vector<MessagePtr> messages;
  for (int i = 0; i < 100; ++i) {
    messages.push_back(net.publish(honest[net.below(honest.size())]));
    net.run_for(300ms);
  }
  net.run_for(6s);
  double sum = 0;
  for (const auto& message : messages) sum += net.spread(message);
  return sum / static_cast<double>(messages.size());
}

void build_with_attackers(Net& net, std::string_view attackers_place) {
  for (int i = 0; i < 70; ++i) net.add();
  for (int i = 0; i < 30; ++i) net.add(Net::Role::attacker, std::string(attackers_place));
  for (std::size_t i = 0; i < 70; ++i) net.connect_to_some(i, 8);
  for (std::size_t i = 70; i < 100; ++i) net.connect_to_some(i, 40);
}

TEST(GossipSimulation, CVE_2020_12821_SpammersAreContained) {
  for (const std::string_view place : {"", "one address"}) {
    Net net(6);
    std::uint64_t seqno = 1u << 20;
    net.attack = [&](std::size_t attacker) { behave_badly(net, attacker, seqno); };
    build_with_attackers(net, place);
    net.run_for(10s);
    EXPECT_GE(share_that_arrives(net), 0.99) << place;
    // They are out of every mesh, and nobody honest is blamed.
    for (std::size_t i = 0; i < 70; ++i) {
      for (const auto& member : net.router(i).mesh(test::topic())) {
        EXPECT_GE(net.router(i).score(member), 0);
      }
      for (const auto other : net.neighbours(i)) {
        const double score = net.router(i).score(net.id(other));
        if (net.honest(other)) {
          EXPECT_GE(score, 0) << i << " of " << other;
        } else {
          EXPECT_LT(score, scoring::gossip_threshold);
        }
      }
    }
  }
}

TEST(GossipSimulation, CVE_2020_12821_SilentMeshMembersHoldNothingUp) {
  for (const std::string_view place : {"", "one address"}) {
    Net net(7);
    net.attack = [&](std::size_t attacker) { sit_in_meshes(net, attacker); };
    build_with_attackers(net, place);
    net.run_for(10s);
    EXPECT_GE(share_that_arrives(net), 0.99) << place;
  }
}

// All that dial a victim are attackers; what it dialled itself is honest.
TEST(GossipSimulation, CVE_2020_12821_AnEclipseFails) {
  Net net(8);
  for (int i = 0; i < 40; ++i) net.add();
  for (std::size_t i = 1; i < 40; ++i) net.connect_to_some(i, 6);
  for (int i = 0; i < 60; ++i) net.add(Net::Role::attacker);
  net.attack = [&](std::size_t attacker) { sit_in_meshes(net, attacker); };
  const std::size_t victim = net.add();
  for (std::size_t i = 40; i < 100; ++i) net.connect(i, victim);
  net.run_for(5s);
  for (std::size_t i = 1; i < 5; ++i) net.connect(victim, i);
  net.run_for(30s);
  const auto mesh = net.router(victim).mesh(test::topic());
  const auto honest = std::ranges::count_if(mesh, [&](const PeerId& id) {
    for (std::size_t i = 0; i < 40; ++i) {
      if (net.id(i) == id) return true;
    }
    return false;
  });
  EXPECT_GE(honest, 2);
  std::size_t heard = 0;
  for (int i = 0; i < 50; ++i) {
    const auto message = net.publish(1 + net.below(39));
    net.run_for(500ms);
    heard += net.hops(message, victim) ? 1 : 0;
  }
  EXPECT_GE(heard, 49u);
  const auto own = net.publish(victim);
  net.run_for(2s);
  EXPECT_EQ(net.spread(own), 1.0);
}

}  // namespace
}  // namespace goop::p2p::pubsub
