// What a neighbour's gossip may cost, over whole hosts.
#include <gtest/gtest.h>

#include "p2p/multi/varint.h"
#include "p2p/pubsub/limits.h"
#include "p2p/pubsub/pubsub.h"
#include "p2p/pubsub/rpc.h"
#include "testing/hosts/flood_world.h"

namespace goop::p2p::pubsub {
namespace {

using sim::FloodWorld;

constexpr Duration span = 5s;

Topic topic() { return Topic::parse("goop.presence.v1").value(); }

struct GossipWork : testing::Test {
  explicit GossipWork(WorkLimits work = sim::small_work) : flood(1, work) {
    or_raise(gossip.join(topic(), [this](const Message&) {
      ++heard;
      return Verdict::accept;
    }));
    running.emplace(flood.world.rt);
    running->spawn(gossip.run());
    stream = flood.ask(ProtocolId("/meshsub/1.1.0"));
    const Subscription all[] = {{topic(), true}};
    flood.mallory.data(stream, frame(all));
  }
  ~GossipWork() override {
    flood.stop();
    running.reset();
  }

  bool say(BytesView rpc) { return flood.say(stream, rpc); }
  MessagePtr next_message() { return sign_message(key, ++number, topic(), Bytes(200)); }

  void expect_bounded(const std::function<void()>& more) {
    EXPECT_LT(flood.run(span, more), 1s);
    EXPECT_LE(flood.charged(), flood.allowed(span));
    EXPECT_GE(flood.charged(), flood.work.connection.per_second * 4);
    EXPECT_GE(flood.victim.counters().slowed, 1u);
  }

  FloodWorld flood;
  PubSub gossip{flood.world.rt, flood.victim};
  std::optional<sim::SimScope> running;
  KeyPair key = sim::key_of(9);
  std::uint32_t stream = 0;
  std::uint64_t number = 0;
  std::size_t heard = 0;
};

TEST_F(GossipWork, MessagesThatMustBeCheckedAreBounded) {
  expect_bounded([&] {
    Bytes body, rpc;
    for (std::size_t i = 0; i < limits::gossip_messages; ++i) {
      body.push_back(0x12);
      append_prefixed(body, next_message()->wire);
    }
    append_prefixed(rpc, body);
    say(rpc);
  });
  EXPECT_LT(heard, 2'000u);
  EXPECT_GT(heard, 500u);
}

TEST_F(GossipWork, CopiesOfAMessageAreBounded) {
  Bytes body, rpc;
  const auto one = next_message();
  for (std::size_t i = 0; i < limits::gossip_messages; ++i) {
    body.push_back(0x12);
    append_prefixed(body, one->wire);
  }
  append_prefixed(rpc, body);
  expect_bounded([&] {
    for (int i = 0; i < 40 && say(rpc); ++i) {
    }
  });
  EXPECT_EQ(heard, 1u);
}

TEST_F(GossipWork, OffersOfMessagesAreBounded) {
  expect_bounded([&] {
    Control control;
    control.ihave.push_back({topic(), {}});
    for (std::size_t i = 0; i < limits::gossip_ids; ++i) {
      control.ihave.back().ids.emplace_back(PeerId::from_key(key.public_key()), ++number);
    }
    say(frame(control));
  });
}

TEST_F(GossipWork, WishesForTheMeshAreBounded) {
  Control control;
  for (std::size_t i = 0; i < limits::gossip_control; ++i) {
    control.graft.push_back(topic());
    control.prune.push_back({topic(), std::nullopt});
  }
  const Bytes rpc = frame(control);
  expect_bounded([&] {
    for (int i = 0; i < 10 && say(rpc); ++i) {
    }
  });
}

struct UsualWork : GossipWork {
  UsualWork() : GossipWork(WorkLimits{}) {}
};

// A thousand peers that say every five seconds that they are there, all heard from one neighbour,
// who first tells of all of them at once.
TEST_F(UsualWork, AThousandPeersPresenceIsNotSlowed) {
  const auto told = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes rpc = frame(*next_message());
      while (!say(rpc)) {
        flood.mallory.send();
        flood.world.rt.run_for(1ms);
      }
    }
    flood.mallory.send();
  };
  told(1000);
  for (int second = 0; second < 10; ++second) {
    flood.world.rt.run_for(1s);
    told(200);
  }
  flood.world.rt.run_for(1s);
  EXPECT_EQ(heard, 3000u);
  EXPECT_EQ(flood.victim.counters().slowed, 0u);
}

}  // namespace
}  // namespace goop::p2p::pubsub
