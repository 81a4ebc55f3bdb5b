// Whole peers over a simulated network, each with a real folder.
#include <gtest/gtest.h>

#include "base/json.h"
#include "peer/peer_test_kit.h"
#include "testing/sim/sim_lan.h"

namespace goop::peer {
namespace {

TEST(Peer, AVisitorSeesTheSiteOfAnother) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = world.kaj.peer->learn(world.mira.address());
  ASSERT_TRUE(mira);
  const auto by = Deadline::after(world.rt.now(), 10s);
  EXPECT_EQ(world.rt.wait(fetch(*world.kaj.peer, *mira, "/", by)), "<h1>at home</h1>");
  EXPECT_EQ(world.rt.wait(fetch(*world.mira.peer, *mira, "/", by)), "<h1>at home</h1>");
}

TEST(Peer, ConnectedPeersLearnEachOthersLabels) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->visit(mira);
  world.rt.run_for(5s);
  ASSERT_TRUE(world.kaj.peer->known().find(mira));
  EXPECT_EQ(world.kaj.peer->known().find(mira)->content, "Mira");
  EXPECT_EQ(world.mira.peer->known().find(world.kaj.peer->id())->content, "Kaj");
}

TEST(Peer, KnowsNeighboursAndWhomItMetOnThreeDays) {
  World world;
  sim::SimLan lan(world.internet);
  const auto far = p2p::Multiaddr::parse("/ip4/8.8.8.8/tcp/4001").value();
  for (int day = 1; day <= 3; ++day) {
    world.mira.start();
    world.kaj.start();
    const auto kaj = world.kaj.peer->id();
    EXPECT_FALSE(world.mira.peer->knows(kaj, far)) << day;
    world.kaj.peer->visit(*world.kaj.peer->learn(world.mira.address()));
    world.rt.run_for(5s);
    EXPECT_EQ(world.mira.peer->knows(kaj, far), day == 3) << day;
    world.kaj.stop();
    world.mira.stop();
    world.rt.run_for(24h);
  }
  world.mira.start();
  auto& mira = *world.mira.peer;
  const auto near = p2p::Multiaddr::parse("/ip4/192.168.1.9/tcp/4001").value();
  EXPECT_FALSE(mira.knows(mira.id(), near));
  lan.attach(world.mira.machine, {"192.168.1.1/24"});
  world.rt.run_for(1min);
  EXPECT_TRUE(mira.knows(mira.id(), near));
}

TEST(Peer, StoppingLeavesNothingBehind) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s)));
  const auto before = world.rt.now();
  world.kaj.stop();
  world.mira.stop();
  EXPECT_LT(world.rt.now() - before, 1s);
  EXPECT_EQ(world.rt.timers().size(), 0u);
}

TEST(Peer, AKeptPeerIsDialledAgainWhenItComesBack) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->keep(mira);
  world.rt.run_for(5s);
  ASSERT_TRUE(world.kaj.peer->host().connected(mira));
  world.mira.stop();
  world.rt.run_for(1min);
  EXPECT_FALSE(world.kaj.peer->host().connected(mira));
  // A port of its own choice would be another one now; the signed record tells it at the meeting.
  world.mira.start();
  world.kaj.peer->learn(world.mira.address());
  world.rt.run_for(2min);
  EXPECT_TRUE(world.kaj.peer->host().connected(mira));
}

TEST(Peer, RemembersPeersOverARestart) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s)));
  world.rt.run_for(10s);
  world.kaj.stop();
  world.kaj.start();
  ASSERT_TRUE(world.kaj.peer->learn(mira.to_string()));
  EXPECT_EQ(world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s))),
            "<h1>at home</h1>");
  EXPECT_EQ(world.kaj.peer->known().find(mira)->addresses.size(), 1u);
}

TEST(Peer, ABareIdThatNobodyKnowsIsNotFound) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto learned = world.kaj.peer->learn(world.mira.peer->id().to_string());
  ASSERT_FALSE(learned);
  EXPECT_EQ(learned.error().code, Errc::not_found);
  EXPECT_EQ(world.kaj.peer->learn("nonsense").error().code, Errc::invalid);
}

TEST(Peer, VisitsAreRememberedOverARestart) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  EXPECT_FALSE(world.kaj.peer->visited(mira));
  world.kaj.peer->visit(mira);
  EXPECT_TRUE(world.kaj.peer->visited(mira));
  world.rt.run_for(1s);
  EXPECT_TRUE(world.kaj.peer->host().connected(mira));
  world.kaj.stop();
  world.kaj.start();
  EXPECT_TRUE(world.kaj.peer->visited(mira));
}

TEST(Peer, ANewLabelIsTakenOverWhileRunningAndABrokenFileIsNot) {
  World world;
  world.mira.start();
  EXPECT_EQ(world.mira.peer->label(), "Mira");
  const auto& folder = world.mira.peer->folder();
  ASSERT_TRUE(
      folder.write_atomic("goop.json", as_bytes(R"({"profile": {"label": "Mimi"}})"), 0600));
  world.rt.run_for(5s);
  EXPECT_EQ(world.mira.peer->label(), "Mimi");
  ASSERT_TRUE(folder.write_atomic("goop.json", as_bytes(R"({"profile": {"label": 7)"), 0600));
  world.rt.run_for(5s);
  EXPECT_EQ(world.mira.peer->label(), "Mimi");
}

TEST(Peer, TheNumberOfItsRecordNeverGoesBack) {
  World world;
  world.mira.start();
  world.kaj.start();
  (void)world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->visit(world.mira.peer->id());
  world.rt.run_for(5s);
  const auto before = world.mira.peer->host().record_seq();
  EXPECT_GT(before, 0u);
  world.mira.stop();
  world.mira.start();
  world.kaj.peer->visit(world.mira.peer->id());
  EXPECT_GE(world.mira.peer->host().record_seq(), before);
}

}  // namespace
}  // namespace goop::peer
