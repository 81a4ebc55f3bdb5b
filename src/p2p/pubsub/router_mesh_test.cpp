// Who is in a mesh: the rules of the specification, one by one.
#include "p2p/pubsub/router.h"

#include "p2p/pubsub/router_test_kit.h"

namespace goop::p2p::pubsub {
namespace {

using p2p::test::peer;
using test::message_of;
using test::RouterTest;
using test::topic;

// --- mesh ---

TEST_F(RouterTest, JoiningGraftsUpToTheDegreeAndTellsEverybody) {
  add_many(1, 20);
  (void)output();
  router.join(topic(), now);
  EXPECT_EQ(mesh_size(), 6u);
  const auto sends = output();
  EXPECT_EQ(std::ranges::count(sends, Send::Kind::subscriptions, &Send::kind), 20);
  EXPECT_EQ(std::ranges::count(sends, Send::Kind::mesh, &Send::kind), 6);
}

TEST_F(RouterTest, ANewSubscriberIsGraftedAtOnceWhileTheMeshIsSmall) {
  join();
  add_many(1, 9);
  EXPECT_EQ(mesh_size(), 5u);
  EXPECT_EQ(control_to(1).graft.size(), 1u);
}

TEST_F(RouterTest, LeavingPrunesWithAShortBackOffThatHoldsForUsToo) {
  join();
  add(1);
  (void)output();
  router.leave(topic(), now);
  const auto prune = control_to(1).prune;
  ASSERT_EQ(prune.size(), 1u);
  EXPECT_EQ(prune[0].backoff, 10s);
  router.join(topic(), now);
  beat(10);
  EXPECT_FALSE(in_mesh(1));
  beat(3);
  EXPECT_TRUE(in_mesh(1));
}

TEST_F(RouterTest, AFullMeshTakesOnlyThoseThatWeDialled) {
  join();
  add_many(1, 12);
  add(13);
  add(14, Version::v1_1, Direction::outbound);
  for (std::uint32_t n = 1; n <= 12; ++n) graft(n);
  ASSERT_EQ(mesh_size(), 12u);
  (void)output();
  graft(13);
  EXPECT_FALSE(in_mesh(13));
  EXPECT_EQ(control_to(13).prune.at(0).backoff, 60s);
  graft(14);
  EXPECT_TRUE(in_mesh(14));
}

TEST_F(RouterTest, AMeshThatIsTooLargeShrinksButKeepsTwoThatWeDialled) {
  join();
  add_many(1, 12);
  for (std::uint32_t n = 1; n <= 12; ++n) graft(n);
  add_many(20, 22, Direction::outbound);
  for (std::uint32_t n = 20; n <= 22; ++n) graft(n);
  ASSERT_EQ(mesh_size(), 15u);
  beat();
  EXPECT_EQ(mesh_size(), 6u);
  EXPECT_GE(in_mesh(20) + in_mesh(21) + in_mesh(22), 2);
}

TEST_F(RouterTest, AMeshOfPeersThatDialledUsGetsTwoThatWeDialled) {
  join();
  add_many(1, 8);
  for (std::uint32_t n = 1; n <= 8; ++n) graft(n);
  add_many(20, 25, Direction::outbound);
  beat();
  int dialled = 0;
  for (std::uint32_t n = 20; n <= 25; ++n) dialled += in_mesh(n);
  EXPECT_EQ(dialled, 2);
}

TEST_F(RouterTest, APeerOf1_0IsPrunedWithoutABackOff) {
  join();
  add(1, Version::v1_0);
  (void)output();
  router.leave(topic(), now);
  EXPECT_EQ(control_to(1).prune.at(0).backoff, std::nullopt);
}

TEST_F(RouterTest, APrunedPeerIsGraftedAgainAfterItsBackOff) {
  join();
  add(1);
  prune(1, 30s);
  EXPECT_FALSE(in_mesh(1));
  beat(31);
  EXPECT_FALSE(in_mesh(1));
  beat(2);
  EXPECT_TRUE(in_mesh(1));
}

TEST_F(RouterTest, CVE_2026_34219_TheLongestBackOffSurvivesEveryHeartbeat) {
  join();
  add(1);
  now = Instant::max() - 30min;  // even at the end of time
  prune(1, limits::backoff_most_told);
  for (int i = 0; i < 20; ++i) {
    router.heartbeat(now);
    graft(1);
  }
  EXPECT_FALSE(in_mesh(1));
  EXPECT_EQ(router.backoffs(topic()), 1u);
}

TEST_F(RouterTest, CVE_2026_95859_GraftsForUnknownTopicsLeaveNothingAndGetNoAnswer) {
  join();
  add(1);
  (void)output();
  for (int i = 0; i < 5000; ++i) graft(1, Topic::parse(fmt::format("topic {}", i)).value());
  EXPECT_TRUE(output().empty());
  EXPECT_EQ(router.topics(), 1u);
  EXPECT_EQ(router.score(peer(1)), 0);
}

TEST_F(RouterTest, AGraftDuringBackOffIsRefusedAndHeldAgainstIt) {
  join();
  add(1);
  prune(1, 60s);
  (void)output();
  graft(1);  // within its first ten seconds: twice
  EXPECT_EQ(router.counters().penalties, 2u);
  EXPECT_EQ(control_to(1).prune.size(), 1u);
  beat(20);
  graft(1);  // the refused one began the back-off anew, 20 s ago
  EXPECT_EQ(router.counters().penalties, 3u);
  for (int i = 0; i < 20; ++i) graft(1);
  EXPECT_TRUE(router.graylisted(peer(1)));
}

TEST_F(RouterTest, BackOffsAreCapped) {
  join();
  for (std::uint32_t n = 1; n <= limits::backoff_peers + 10; ++n) {
    router.add_peer(peer(n), {"", Direction::inbound});
    prune(n, 60s);
    router.remove_peer(peer(n), now);
  }
  EXPECT_EQ(router.backoffs(topic()), limits::backoff_peers);
}

TEST_F(RouterTest, ANegativeScoreEndsMembership) {
  join();
  add(1);
  ASSERT_TRUE(in_mesh(1));
  router.signature_failed(message_of(peer(1), 1, "x"), peer(1));
  (void)output();
  beat();
  EXPECT_FALSE(in_mesh(1));
  EXPECT_EQ(control_to(1).prune.size(), 1u);
}

// --- addresses ---

TEST_F(RouterTest, HalfAMeshAtMostSharesAnAddressWhileThereAreOthers) {
  join();
  for (std::uint32_t n = 1; n <= 20; ++n) add(n, Version::v1_1, Direction::inbound, "one");
  for (std::uint32_t n = 1; n <= 6; ++n) graft(n);
  EXPECT_EQ(mesh_size(), 6u);
  add(30);
  (void)output();
  graft(7);
  EXPECT_FALSE(in_mesh(7));
  EXPECT_EQ(control_to(7).prune.size(), 1u);
  EXPECT_EQ(router.score(peer(7)), 0);
  graft(30);
  EXPECT_TRUE(in_mesh(30));
}

TEST_F(RouterTest, WithNobodyElsewhereOneAddressMayFillTheMesh) {
  join();
  for (std::uint32_t n = 1; n <= 20; ++n) add(n, Version::v1_1, Direction::inbound, "one");
  for (std::uint32_t n = 1; n <= 12; ++n) graft(n);
  EXPECT_EQ(mesh_size(), 12u);
  beat();
  EXPECT_EQ(mesh_size(), 12u);
  for (std::uint32_t n = 30; n <= 34; ++n) add(n);  // others come: it is thinned out
  beat();
  int at_one = 0;
  for (std::uint32_t n = 1; n <= 20; ++n) at_one += in_mesh(n);
  EXPECT_EQ(at_one, 6);
}

// --- trust ---

TEST_F(RouterTest, ThreeInvalidMessagesAreIgnoredForAWhileAndReconnectingDoesNotHelp) {
  join();
  add(1);
  for (std::uint64_t i = 0; i < 3; ++i) {
    router.signature_failed(message_of(peer(1), i, "x"), peer(1));
  }
  EXPECT_TRUE(router.graylisted(peer(1)));
  EXPECT_TRUE(bring(1, message_of(peer(50), 1, "good")).empty());
  router.remove_peer(peer(1), now);
  add(1);
  EXPECT_TRUE(router.graylisted(peer(1)));
  beat(30);
  EXPECT_FALSE(router.graylisted(peer(1)));
  EXPECT_EQ(bring(1, message_of(peer(50), 2, "good")).size(), 1u);
}

TEST_F(RouterTest, MalformedMessagesAndBadRpcsCount) {
  join();
  add(1);
  Rpc rpc;
  rpc.malformed = 3;
  router.on_rpc(peer(1), rpc, now);
  EXPECT_TRUE(router.graylisted(peer(1)));
  add(2);
  for (int i = 0; i < 8; ++i) router.on_bad_rpc(peer(2));
  EXPECT_TRUE(router.graylisted(peer(2)));
}

TEST_F(RouterTest, ScoresOfThoseWhoLeftAreCappedAndForgotten) {
  for (std::uint32_t n = 1; n <= limits::kept_scores + 10; ++n) {
    router.add_peer(peer(n), {"", Direction::inbound});
    router.signature_failed(message_of(peer(n), 1, "x"), peer(n));
    router.remove_peer(peer(n), now);
  }
  EXPECT_EQ(router.kept_scores(), limits::kept_scores);
  now += limits::kept_score_time;
  beat();
  EXPECT_EQ(router.kept_scores(), 0u);
}

struct DirectRouterTest : RouterTest {
  static RouterConfig config() {
    RouterConfig made;
    made.flood_publish = false;
    made.direct = {peer(1)};
    return made;
  }
  DirectRouterTest() : RouterTest(config()) {}
};

TEST_F(DirectRouterTest, OwnDevicesGetEverythingAreInNoMeshAndNeverJudged) {
  join();
  add_many(1, 20);
  beat();
  EXPECT_FALSE(in_mesh(1));
  for (std::uint64_t i = 0; i < 5; ++i) {
    router.signature_failed(message_of(peer(1), i, "x"), peer(1));
  }
  EXPECT_FALSE(router.graylisted(peer(1)));
  (void)output();
  router.publish(message_of(peer(0), 1, "x"), now);
  EXPECT_EQ(messages_to(1, output()), 1u);
  graft(1);
  EXPECT_FALSE(in_mesh(1));
  EXPECT_EQ(control_to(1).prune.size(), 1u);
}

TEST_F(RouterTest, AMeshThatDeliversLittleGetsPeersThatDid) {
  join();
  add_many(1, 6, Direction::outbound);
  for (std::uint32_t n = 1; n <= 6; ++n) graft(n);
  ASSERT_EQ(mesh_size(), 6u);
  add_many(7, 9, Direction::outbound);
  for (std::uint64_t i = 0; i < 10; ++i) bring_good(8, message_of(peer(50), i, "x"));
  beat(60);
  EXPECT_TRUE(in_mesh(8));
}

}  // namespace
}  // namespace goop::p2p::pubsub
