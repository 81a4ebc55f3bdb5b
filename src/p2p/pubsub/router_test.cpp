// One router and neighbours played by hand: the rules of the specification, one by one, and the
// advisories against other implementations.
#include "p2p/pubsub/router.h"

#include <gtest/gtest.h>

#include "p2p/pubsub/simulation_kit.h"

namespace goop::p2p::pubsub {
namespace {

using p2p::test::peer;
using test::message_of;
using test::topic;

struct RouterTest : testing::Test {
  explicit RouterTest(RouterConfig config = {}) : router(peer(0), config, 1) {}

  void add(std::uint32_t n, Version version = Version::v1_1,
           Direction direction = Direction::inbound, std::string place = {}) {
    if (place.empty()) place = fmt::format("place {}", n);
    router.add_peer(peer(n), {place, direction});
    router.can_send(peer(n), version, now);
    subscribe(n);
  }
  void add_many(std::uint32_t from, std::uint32_t to, Direction direction = Direction::inbound) {
    for (auto n = from; n <= to; ++n) add(n, Version::v1_1, direction);
  }
  void subscribe(std::uint32_t n, const Topic& to = topic(), bool on = true) {
    Rpc rpc;
    rpc.subscriptions.push_back({to, on});
    router.on_rpc(peer(n), rpc, now);
  }
  void join() {
    router.join(topic(), now);
    (void)output();
  }
  void graft(std::uint32_t n, const Topic& on = topic()) {
    Rpc rpc;
    rpc.control.graft.push_back(on);
    router.on_rpc(peer(n), rpc, now);
  }
  void prune(std::uint32_t n, std::optional<std::chrono::seconds> backoff) {
    Rpc rpc;
    rpc.control.prune.push_back({topic(), backoff});
    router.on_rpc(peer(n), rpc, now);
  }
  void ihave(std::uint32_t n, std::vector<MessageId> ids, const Topic& on = topic()) {
    Rpc rpc;
    rpc.control.ihave.push_back({on, std::move(ids)});
    router.on_rpc(peer(n), rpc, now);
  }
  void iwant(std::uint32_t n, std::vector<MessageId> ids) {
    Rpc rpc;
    rpc.control.iwant = std::move(ids);
    router.on_rpc(peer(n), rpc, now);
  }
  std::vector<MessagePtr> bring(std::uint32_t n, const MessagePtr& message) {
    Rpc rpc;
    rpc.messages.push_back(message);
    return router.on_rpc(peer(n), rpc, now);
  }
  void bring_good(std::uint32_t n, const MessagePtr& message) {
    for (const auto& news : bring(n, message)) {
      if (router.signature_held(peer(n), news, now)) router.judged(news, Verdict::accept);
    }
  }
  void beat(int times = 1) {
    for (int i = 0; i < times; ++i) {
      now += 1s;
      router.heartbeat(now);
    }
  }
  std::vector<Send> output() { return router.take_output(); }

  // What was sent to `n`, all control in one.
  Control control_to(std::uint32_t n, const std::vector<Send>& sends) {
    Control all;
    for (const auto& send : sends) {
      const auto* part = std::get_if<Control>(&send.what);
      if (!part || send.to != peer(n)) continue;
      const auto join_up = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
      };
      join_up(all.graft, part->graft);
      join_up(all.prune, part->prune);
      join_up(all.ihave, part->ihave);
      join_up(all.iwant, part->iwant);
      join_up(all.idontwant, part->idontwant);
    }
    return all;
  }
  Control control_to(std::uint32_t n) { return control_to(n, output()); }
  std::size_t messages_to(std::uint32_t n, const std::vector<Send>& sends) {
    return static_cast<std::size_t>(std::ranges::count_if(sends, [&](const Send& send) {
      return send.to == peer(n) && std::holds_alternative<MessagePtr>(send.what);
    }));
  }
  bool in_mesh(std::uint32_t n) const {
    const auto mesh = router.mesh(topic());
    return std::ranges::find(mesh, peer(n)) != mesh.end();
  }
  std::size_t mesh_size() const { return router.mesh(topic()).size(); }
  std::vector<MessageId> invented_ids(std::size_t count) {
    std::vector<MessageId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.emplace_back(peer(900), ++invented);
    return ids;
  }

  Instant now{1h};
  Router router;
  std::uint64_t invented = 0;
};

struct SmallRouterTest : RouterTest {  // without flooding, so that mesh and gossip show
  static RouterConfig config() {
    RouterConfig made;
    made.flood_publish = false;
    return made;
  }
  SmallRouterTest() : RouterTest(config()) {}
};

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
