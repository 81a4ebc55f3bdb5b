// Messages, gossip and subscriptions: the rules of the specification, one by one.
#include "p2p/pubsub/router.h"

#include "p2p/pubsub/router_test_kit.h"

namespace goop::p2p::pubsub {
namespace {

using p2p::test::peer;
using test::message_of;
using test::RouterTest;
using test::SmallRouterTest;
using test::topic;

// --- gossip ---

TEST_F(SmallRouterTest, GossipNamesRecentMessagesToThoseOutsideTheMesh) {
  add_many(1, 10);
  join();
  const auto message = message_of(peer(0), 1, "x");
  router.publish(message, now);
  beat();
  const auto sends = output();
  int named = 0;
  for (std::uint32_t n = 1; n <= 10; ++n) {
    const auto ihave = control_to(n, sends).ihave;
    EXPECT_EQ(messages_to(n, sends), in_mesh(n) ? 1u : 0u);
    if (ihave.empty()) continue;
    EXPECT_FALSE(in_mesh(n));
    EXPECT_EQ(ihave[0].ids, std::vector{message->id});
    ++named;
  }
  EXPECT_EQ(named, 4);
  beat(3);
  (void)output();
  beat();
  EXPECT_EQ(std::ranges::count(output(), Send::Kind::gossip, &Send::kind), 0);
}

TEST_F(RouterTest, WhatIsNewIsAskedForAndThePromiseKept) {
  join();
  add(1);
  add(2);
  (void)output();
  const auto message = message_of(peer(50), 1, "x");
  ihave(1, {message->id});
  EXPECT_EQ(control_to(1).iwant, std::vector{message->id});
  EXPECT_EQ(router.promises(), 1u);
  bring_good(2, message);  // another was quicker
  EXPECT_EQ(router.promises(), 0u);
  ihave(1, {message->id});
  EXPECT_TRUE(control_to(1).iwant.empty());
  beat(5);
  EXPECT_EQ(router.counters().broken_promises, 0u);
}

TEST_F(RouterTest, ABrokenPromiseIsHeldAgainstIt) {
  join();
  add(1);
  ihave(1, invented_ids(3));
  beat(2);
  EXPECT_EQ(router.counters().broken_promises, 0u);
  beat();
  EXPECT_EQ(router.counters().broken_promises, 1u);
  EXPECT_EQ(router.counters().penalties, 1u);
}

TEST_F(RouterTest, WhoLeavesOwesNothing) {
  join();
  add(1);
  ihave(1, invented_ids(3));
  router.remove_peer(peer(1), now);
  EXPECT_EQ(router.promises(), 0u);
}

TEST_F(RouterTest, IHaveIsHeardTenTimesAHeartbeatAndForOurTopics) {
  join();
  add(1);
  (void)output();
  ihave(1, invented_ids(1), Topic::parse("other").value());
  EXPECT_TRUE(control_to(1).iwant.empty());
  beat();
  (void)output();
  for (std::size_t i = 0; i < limits::ihave_per_heartbeat + 5; ++i) ihave(1, invented_ids(1));
  EXPECT_EQ(control_to(1).iwant.size(), limits::ihave_per_heartbeat);
}

TEST_F(RouterTest, FiveThousandIdsAreAskedForAHeartbeat) {
  join();
  add(1);
  (void)output();
  ihave(1, invented_ids(limits::asked_per_heartbeat - 1));
  ihave(1, invented_ids(2));
  const auto sends = output();
  EXPECT_EQ(control_to(1, sends).iwant.size(), limits::asked_per_heartbeat);
  EXPECT_LE(router.promises(), limits::promises_per_peer);
}

TEST_F(RouterTest, PromisesAreCappedPerPeer) {
  join();
  add(1);
  for (std::size_t i = 0; i < limits::promises_per_peer + 20; ++i) {
    if (i % limits::ihave_per_heartbeat == 0) router.heartbeat(now);  // and no time passes
    ihave(1, invented_ids(1));
  }
  EXPECT_EQ(router.promises(), limits::promises_per_peer);
}

TEST_F(RouterTest, AMessageIsHandedOutThreeTimesToOnePeer) {
  join();
  add(1);
  const auto message = message_of(peer(0), 1, "x");
  router.publish(message, now);
  (void)output();
  for (std::size_t i = 0; i < limits::iwant_answers + 2; ++i) iwant(1, {message->id});
  EXPECT_EQ(messages_to(1, output()), limits::iwant_answers);
  iwant(1, invented_ids(5));
  EXPECT_TRUE(output().empty());
}

TEST_F(RouterTest, AnswersToIWantHaveAByteBudgetPerHeartbeat) {
  join();
  add(1);
  const std::string large(50'000, 'x');
  std::vector<MessageId> ids;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto message = message_of(peer(0), i, large);
    router.publish(message, now);
    ids.push_back(message->id);
  }
  (void)output();
  iwant(1, ids);
  const auto given = messages_to(1, output());
  EXPECT_EQ(given, limits::iwant_bytes_per_heartbeat / large.size() + 1);
  beat();
  (void)output();
  iwant(1, {ids.back()});
  EXPECT_EQ(messages_to(1, output()), 1u);
}

// --- IDONTWANT ---

TEST_F(RouterTest, ALargeMessageIsAnnouncedAsUnwantedToTheMeshOf1_2) {
  join();
  add(1, Version::v1_2);
  add(2, Version::v1_2);
  add(3, Version::v1_1);
  (void)output();
  bring(1, message_of(peer(50), 1, std::string(1024, 'x')));
  const auto sends = output();
  EXPECT_TRUE(control_to(1, sends).idontwant.empty());
  EXPECT_EQ(control_to(2, sends).idontwant.size(), 1u);
  EXPECT_TRUE(control_to(3, sends).idontwant.empty());
  bring(1, message_of(peer(50), 2, std::string(1023, 'x')));
  EXPECT_TRUE(output().empty());
}

TEST_F(RouterTest, WhatIsUnwantedIsNotSentForThreeHeartbeats) {
  join();
  add(1, Version::v1_2);
  (void)output();
  const auto message = message_of(peer(0), 1, "x");
  Rpc rpc;
  rpc.control.idontwant = {message->id};
  router.on_rpc(peer(1), rpc, now);
  router.publish(message, now);
  EXPECT_EQ(messages_to(1, output()), 0u);
  beat(2);
  (void)output();
  iwant(1, {message->id});
  EXPECT_EQ(messages_to(1, output()), 0u);
  beat();
  (void)output();
  iwant(1, {message->id});
  EXPECT_EQ(messages_to(1, output()), 1u);
}

TEST_F(RouterTest, OfAnUnwantedListTenIdsCount) {
  join();
  add(1, Version::v1_2);
  std::vector<MessagePtr> messages;
  Rpc rpc;
  for (std::uint64_t i = 0; i <= limits::idontwant_ids; ++i) {
    messages.push_back(message_of(peer(0), i, "x"));
    rpc.control.idontwant.push_back(messages.back()->id);
  }
  router.on_rpc(peer(1), rpc, now);
  (void)output();
  for (const auto& message : messages) router.publish(message, now);
  EXPECT_EQ(messages_to(1, output()), 1u);
}

TEST_F(RouterTest, UnwantedIdsAndTheirRpcsAreCapped) {
  join();
  add(1, Version::v1_2);
  for (std::size_t i = 0; i <= limits::idontwant_rpcs; ++i) {
    Rpc rpc;
    rpc.control.idontwant = invented_ids(limits::idontwant_ids);
    router.on_rpc(peer(1), rpc, now);
  }
  const auto late = message_of(peer(0), 1, "x");
  Rpc rpc;
  rpc.control.idontwant = {late->id};
  router.on_rpc(peer(1), rpc, now);
  (void)output();
  router.publish(late, now);
  EXPECT_EQ(messages_to(1, output()), 1u);  // there was no room for it
}

// --- messages ---

TEST_F(RouterTest, TheSameBytesAreCheckedOnceAndBlameAllWhoBroughtThem) {
  join();
  add(1);
  add(2);
  const auto message = message_of(peer(50), 1, "x");
  const auto news = bring(1, message);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_TRUE(bring(2, message_of(peer(50), 1, "x")).empty());
  EXPECT_EQ(bring(2, message_of(peer(50), 1, "y")).size(), 1u);  // other bytes are
  router.signature_failed(news[0], peer(1));
  EXPECT_LT(router.score(peer(1)), 0);
  EXPECT_LT(router.score(peer(2)), 0);
}

TEST_F(RouterTest, AForgeryDoesNotKeepTheTrueMessageOut) {
  join();
  add(1);
  add(2);
  const auto forged = bring(1, message_of(peer(50), 1, "forged"));
  const auto good = bring(2, message_of(peer(50), 1, "good"));
  ASSERT_EQ(good.size(), 1u);
  EXPECT_TRUE(router.signature_held(peer(2), good[0], now));
  router.judged(good[0], Verdict::accept);
  router.signature_failed(forged[0], peer(1));
  EXPECT_GT(router.score(peer(2)), 0);
  EXPECT_LT(router.score(peer(1)), 0);
}

TEST_F(RouterTest, ACheckThatWasDroppedMayBeMadeAgain) {
  join();
  add(1);
  const auto message = message_of(peer(50), 1, "x");
  router.check_dropped(bring(1, message).at(0));
  EXPECT_EQ(bring(1, message).size(), 1u);
}

TEST_F(RouterTest, OwnMessagesAndThoseOnOtherTopicsAreDropped) {
  join();
  add(1);
  EXPECT_TRUE(bring(1, message_of(peer(0), 1, "ours?")).empty());
  EXPECT_TRUE(bring(1, message_of(peer(50), 1, "x", Topic::parse("other").value())).empty());
  EXPECT_EQ(router.score(peer(1)), 0);
}

TEST_F(RouterTest, AMessageGoesNeitherToItsAuthorNorToThoseWhoBroughtIt) {
  join();
  for (std::uint32_t n = 1; n <= 4; ++n) add(n);
  (void)output();
  const auto message = message_of(peer(3), 1, "x");
  const auto news = bring(1, message);
  bring(2, message);
  ASSERT_TRUE(router.signature_held(peer(1), news.at(0), now));
  router.judged(news[0], Verdict::accept);
  const auto sends = output();
  for (std::uint32_t n = 1; n <= 3; ++n) EXPECT_EQ(messages_to(n, sends), 0u);
  EXPECT_EQ(messages_to(4, sends), 1u);
}

TEST_F(RouterTest, ASeenMessageIsForgottenAfterTwoMinutes) {
  join();
  add(1);
  const auto message = message_of(peer(50), 1, "x");
  bring_good(1, message);
  EXPECT_TRUE(bring(1, message).empty());
  beat(119);
  EXPECT_TRUE(bring(1, message).empty());
  beat(2);
  EXPECT_EQ(bring(1, message).size(), 1u);
}

TEST_F(SmallRouterTest, FloodsubPeersGetEveryMessage) {
  join();
  add_many(1, 20);
  add(30, Version::floodsub);
  beat();
  EXPECT_FALSE(in_mesh(30));
  (void)output();
  router.publish(message_of(peer(0), 1, "x"), now);
  EXPECT_EQ(messages_to(30, output()), 1u);
  bring_good(1, message_of(peer(50), 1, "x"));
  EXPECT_EQ(messages_to(30, output()), 1u);
}

TEST_F(SmallRouterTest, ATopicWeDidNotJoinGetsAFanoutForAMinute) {
  add_many(1, 10);
  router.publish(message_of(peer(0), 1, "x"), now);
  EXPECT_EQ(router.fanout(topic()).size(), 6u);
  const auto sends = output();
  EXPECT_EQ(std::ranges::count(sends, Send::Kind::message, &Send::kind), 6);
  beat(59);
  EXPECT_EQ(router.fanout(topic()).size(), 6u);
  beat(2);
  EXPECT_EQ(router.topics(), 0u);
  EXPECT_EQ(router.foreign_subscriptions(), 10u);
  router.publish(message_of(peer(0), 2, "x"), now);
  const auto fanout = router.fanout(topic());
  router.join(topic(), now);
  EXPECT_EQ(router.mesh(topic()), fanout);  // it becomes the mesh
}

// --- subscriptions ---

TEST_F(RouterTest, CVE_2026_46679_ComingAndGoingLeavesNothing) {
  add(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto other = Topic::parse(fmt::format("topic {}", i)).value();
    subscribe(1, other, true);
    subscribe(1, other, false);
  }
  EXPECT_EQ(router.topics(), 0u);
  EXPECT_EQ(router.foreign_subscriptions(), 1u);
  router.remove_peer(peer(1), now);
  EXPECT_EQ(router.foreign_subscriptions(), 0u);
}

TEST_F(RouterTest, CVE_2026_86040_WhoComesAndGoesOnOurTopicIsNotGraftedEachTime) {
  join();
  add(1);
  (void)output();
  for (int i = 0; i < 100; ++i) {
    subscribe(1, topic(), false);
    subscribe(1, topic(), true);
  }
  EXPECT_TRUE(control_to(1).graft.empty());
}

TEST_F(RouterTest, SubscriptionsToOthersTopicsAreCappedOursAlwaysCount) {
  join();
  const auto peers =
      static_cast<std::uint32_t>(limits::foreign_subscriptions / limits::peer_topics);
  for (std::uint32_t n = 1; n <= peers + 5; ++n) {
    router.add_peer(peer(n), {"", Direction::inbound});
    for (std::size_t i = 0; i <= limits::peer_topics; ++i) {
      subscribe(n, Topic::parse(fmt::format("topic {}", i)).value());
    }
    if (n == 1) EXPECT_EQ(router.foreign_subscriptions(), limits::peer_topics);
    subscribe(n);
  }
  EXPECT_EQ(router.foreign_subscriptions(), limits::foreign_subscriptions);
  EXPECT_EQ(router.subscribers(topic()).size(), peers + 5);
}

}  // namespace
}  // namespace goop::p2p::pubsub
