#include "peer/presence/reconnector.h"

#include <gtest/gtest.h>

#include <set>

#include "testing/sim/sim_runtime.h"

namespace goop::peer::presence {
namespace {

p2p::PeerId peer_number(unsigned number) {
  std::array<std::uint8_t, 34> bytes{0x12, 0x20};
  for (std::size_t i = 0; i < 4; ++i) bytes[2 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return p2p::PeerId::from_bytes(bytes).value();
}

class ReconnectorTest : public testing::Test {
 protected:
  ReconnectorTest() { scope.spawn(reconnector.run()); }
  ~ReconnectorTest() override { rt.wait(reconnector.close()); }

  Task<> dial(p2p::PeerId peer, Deadline by) {
    dials.push_back(rt.now());
    most = std::max(most, ++now_running);
    if (away.contains(peer)) co_await rt.sleep_until(by);
    --now_running;
    if (away.contains(peer)) raise(Errc::timeout, "nobody there");
  }

  sim::SimRuntime rt;
  std::set<p2p::PeerId> away;
  std::vector<Instant> dials;
  std::size_t now_running = 0, most = 0;
  Reconnector reconnector{rt, [this](p2p::PeerId peer, Deadline by) { return dial(peer, by); }};
  sim::SimScope scope{rt};
  const p2p::PeerId bob = peer_number(1);
};

TEST_F(ReconnectorTest, WhoIsLostIsDialledSoonAndOnlyUntilItIsConnected) {
  reconnector.lost(bob);
  EXPECT_TRUE(reconnector.waits_for(bob));
  rt.run_for(limits::reconnect_spread);
  EXPECT_EQ(dials.size(), 1u);
  EXPECT_FALSE(reconnector.waits_for(bob));
  rt.run_for(1h);
  EXPECT_EQ(dials.size(), 1u);
  EXPECT_EQ(reconnector.size(), 0u);
}

TEST_F(ReconnectorTest, AtAnyMomentOfAnOutageTheNextDialIsNear) {
  away.insert(bob);
  reconnector.lost(bob);
  rt.run_for(limits::reconnect_life);
  const auto most_apart = limits::reconnect_time + limits::reconnect_most * 5 / 4;
  for (std::size_t i = 1; i < dials.size(); ++i) {
    EXPECT_GE(dials[i] - dials[i - 1], limits::reconnect_time + limits::reconnect_first * 3 / 4);
    EXPECT_LE(dials[i] - dials[i - 1], most_apart);
  }
  EXPECT_GT(dials.size(), 70u);
}

TEST_F(ReconnectorTest, WhoStaysAwayIsForgotten) {
  away.insert(bob);
  reconnector.lost(bob);
  rt.run_for(limits::reconnect_life + 20s);
  const auto so_far = dials.size();
  EXPECT_FALSE(reconnector.waits_for(bob));
  rt.run_for(1h);
  EXPECT_EQ(dials.size(), so_far);
}

TEST_F(ReconnectorTest, WhoSaysGoodbyeIsDialledNoMore) {
  away.insert(bob);
  reconnector.lost(bob);
  rt.run_for(1min);
  reconnector.left(bob);
  rt.run_for(10s);
  const auto so_far = dials.size();
  rt.run_for(10min);
  EXPECT_EQ(dials.size(), so_far);
}

TEST_F(ReconnectorTest, WhoIsHeardOfIsDialledAtOnceEvenWhenADialIsUnderWay) {
  away.insert(bob);
  reconnector.lost(bob);
  rt.run_for(1min);
  while (now_running > 0) rt.run_for(100ms);
  reconnector.hurry(bob);
  rt.run_for(0s);
  EXPECT_EQ(now_running, 1u);
  reconnector.hurry(bob);  // perhaps with a better address than the one that is being dialled
  const auto so_far = dials.size();
  rt.run_for(limits::reconnect_time);
  EXPECT_EQ(dials.size(), so_far + 1);
}

TEST_F(ReconnectorTest, WhenOneIsBackAllAreTriedAtOnce) {
  for (unsigned i = 1; i <= 10; ++i) {
    away.insert(peer_number(i));
    reconnector.lost(peer_number(i));
  }
  rt.run_for(1min);
  away.clear();
  reconnector.hurry(bob);
  rt.run_for(limits::reconnect_time + 1s);
  for (unsigned i = 1; i <= 10; ++i) EXPECT_FALSE(reconnector.waits_for(peer_number(i))) << i;
}

TEST_F(ReconnectorTest, APeerThatDropsEveryConnectionIsDialledMoreAndMoreSeldom) {
  for (int i = 0; i < 600; ++i) {
    if (!reconnector.waits_for(bob)) reconnector.lost(bob);
    rt.run_for(1s);
  }
  EXPECT_LT(dials.size(), 600u / 6 + 10);
  rt.run_for(limits::reconnect_settled + 10s);
  const auto so_far = dials.size();
  reconnector.lost(bob);  // this time it had held
  rt.run_for(limits::reconnect_spread);
  EXPECT_EQ(dials.size(), so_far + 1);
}

TEST_F(ReconnectorTest, KeepsAndDialsOnlySoManyAtOnce) {
  for (unsigned i = 0; i < limits::reconnect_peers + 50; ++i) {
    away.insert(peer_number(i));
    reconnector.lost(peer_number(i));
  }
  EXPECT_EQ(reconnector.size(), limits::reconnect_peers);
  rt.run_for(1min);
  EXPECT_EQ(most, limits::reconnects_at_once);
}

}  // namespace
}  // namespace goop::peer::presence
