// The service over whole hosts: its streams, and what others trip over.
#include "p2p/pubsub/pubsub.h"

#include <gtest/gtest.h>

#include "p2p/multi/varint.h"
#include "p2p/pubsub/limits.h"
#include "p2p/pubsub/rpc.h"
#include "testing/hosts/host_world.h"

namespace goop::p2p::pubsub {
namespace {

const ProtocolId meshsub_1_1("/meshsub/1.1.0"), floodsub("/floodsub/1.0.0");
Topic topic() { return Topic::parse("goop.presence.v1").value(); }

// A peer with pubsub, and what it received.
struct Node {
  Node(sim::HostWorld& in, std::uint8_t n, Options options = {})
      : world(in),
        host(in.rt, in.machine(n), in.options(n)),
        gossip(in.rt, host, std::move(options)),
        running(std::make_unique<sim::SimScope>(in.rt)) {
    or_raise(host.start());
    running->spawn(gossip.run());
  }
  ~Node() {
    world.rt.wait(host.stop(Deadline::after(world.rt.now(), 1s)));
    running.reset();
  }
  void join(Verdict verdict = Verdict::accept) {
    or_raise(gossip.join(topic(), [this, verdict](const Message& message) {
      heard.push_back(message);
      return verdict;
    }));
  }
  void say(std::string_view text) { or_raise(gossip.publish(topic(), as_bytes(text))); }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& message : heard) all.push_back(to_text(message.data));
    return all;
  }

  sim::HostWorld& world;
  Host host;
  PubSub gossip;
  std::vector<Message> heard;
  std::unique_ptr<sim::SimScope> running;
};

using Texts = std::vector<std::string>;

struct PubSubTest : testing::Test {
  Node& add(Options options = {}) {
    nodes.push_back(std::make_unique<Node>(world, static_cast<std::uint8_t>(nodes.size() + 1),
                                           std::move(options)));
    return *nodes.back();
  }
  void run(Duration span = 3s) { world.rt.run_for(span); }

  sim::HostWorld world;
  std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(PubSubTest, AMessageIsHeardByTheOtherOnceAndNotByItsAuthor) {
  auto &a = add(), &b = add();
  a.join();
  b.join();
  world.connect(a.host, b.host);
  run();
  EXPECT_EQ(a.gossip.mesh(topic()), std::vector{b.host.id()});
  a.say("hello");
  run();
  ASSERT_EQ(b.texts(), Texts{"hello"});
  EXPECT_EQ(b.heard[0].from, a.host.id());
  EXPECT_EQ(b.heard[0].via, a.host.id());
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(PubSubTest, ItIsPassedOnAlongAChainWithItsAuthor) {
  auto &a = add(), &b = add(), &c = add();
  for (auto* node : {&a, &b, &c}) node->join();
  world.connect(a.host, b.host);
  world.connect(b.host, c.host);
  run();
  a.say("far");
  run();
  ASSERT_EQ(c.texts(), Texts{"far"});
  EXPECT_EQ(c.heard[0].from, a.host.id());
  EXPECT_EQ(c.heard[0].via, b.host.id());
}

TEST_F(PubSubTest, WhoOnlyPublishesNeedNotJoin) {
  auto &a = add(), &b = add();
  b.join();
  world.connect(a.host, b.host);
  run();
  a.say("from outside");
  run();
  EXPECT_EQ(b.texts(), Texts{"from outside"});
}

TEST_F(PubSubTest, WhatIsRejectedOrIgnoredIsNotPassedOn) {
  for (const Verdict verdict : {Verdict::reject, Verdict::ignore}) {
    auto &a = add(), &b = add(), &c = add();
    a.join();
    b.join(verdict);
    c.join();
    world.connect(a.host, b.host);
    world.connect(b.host, c.host);
    run();
    a.say("bad");
    run();
    EXPECT_EQ(b.texts(), Texts{"bad"});
    EXPECT_TRUE(c.heard.empty());
  }
}

TEST_F(PubSubTest, WhatIsPublishedBeforeStoppingArrivesOnceFlushed) {
  auto &a = add(), &b = add();
  a.join();
  b.join();
  world.connect(a.host, b.host);
  run();
  a.say("offline");
  world.rt.wait(a.gossip.flush(world.soon(200ms)));
  a.running.reset();
  world.rt.wait(a.host.stop(world.soon(100ms)));
  run(100ms);
  EXPECT_EQ(b.texts(), Texts{"offline"});
}

TEST_F(PubSubTest, NumbersGrowAcrossRestarts) {
  std::uint64_t first = 0;
  {
    sim::HostWorld earlier;
    Node node(earlier, 1);
    node.say("x");
    first = node.gossip.next_seqno();
  }
  EXPECT_GT(first, 1'000'000'000'000'000'000u);  // nanoseconds since 1970
  Options options;
  options.min_seqno = first + 1000;
  auto& later = add(options);
  EXPECT_EQ(later.gossip.next_seqno(), first + 1000);
}

TEST_F(PubSubTest, PublishingTooMuchOrJoiningTwiceIsRefused) {
  auto& a = add();
  a.join();
  EXPECT_EQ(a.gossip.join(topic(), {}).error().code, Errc::conflict);
  EXPECT_TRUE(a.gossip.publish(topic(), Bytes(limits::published_bytes)));
  EXPECT_EQ(a.gossip.publish(topic(), Bytes(limits::published_bytes + 1)).error().code,
            Errc::too_large);
  for (std::size_t i = 1; i < limits::own_topics; ++i) {
    EXPECT_TRUE(a.gossip.publish(Topic::parse(fmt::format("t{}", i)).value(), {}));
  }
  EXPECT_EQ(a.gossip.publish(Topic::parse("one more").value(), {}).error().code, Errc::busy);
}

TEST_F(PubSubTest, AfterLeavingNothingMoreIsHeard) {
  auto &a = add(), &b = add();
  a.join();
  b.join();
  world.connect(a.host, b.host);
  run();
  b.gossip.leave(topic());
  run();
  EXPECT_TRUE(a.gossip.subscribers(topic()).empty());
  a.say("anybody?");
  run();
  EXPECT_TRUE(b.heard.empty());
}

TEST_F(PubSubTest, AReconnectedPeerIsHeardAgain) {
  auto &a = add(), &b = add();
  a.join();
  b.join();
  world.connect(a.host, b.host);
  run();
  a.host.disconnect(b.host.id());
  run();
  EXPECT_TRUE(a.gossip.subscribers(topic()).empty());
  EXPECT_EQ(a.gossip.counters().peers, 0u);
  world.connect(a.host, b.host);
  run();
  a.say("again");
  run();
  EXPECT_EQ(b.texts(), Texts{"again"});
}

// --- a bare host that plays the other side by hand ---

struct ByHand : PubSubTest {
  void TearDown() override {  // the handlers below must not outlive what they write to
    nodes.clear();
    for (auto& host : world.hosts) world.rt.wait(host->stop(world.soon()));
    world.hosts.clear();
  }
  Host& bare(std::vector<ProtocolId> speaks = {meshsub_1_1}) {
    Host& host = world.add(99);
    for (const auto& id : speaks) {
      host.handle(id, [this](Stream stream) { return keep(std::move(stream)); });
    }
    return host;
  }
  Task<> keep(Stream stream) {
    incoming.push_back(&stream);
    try {
      for (;;) {
        const BytesView some = co_await stream.fill(Deadline::never());
        if (some.empty()) break;
        append(received, some);
        stream.consume(some.size());
      }
    } catch (const Failure&) {
    }
    std::erase(incoming, &stream);
    ++ended;
  }
  Stream open(Host& from, Node& to, ProtocolId id = meshsub_1_1) {
    std::optional<Stream> opened;
    world.rt.wait(open_into(opened, from, to.host.id(), {std::move(id)}));
    return std::move(*opened);
  }
  Task<> open_into(std::optional<Stream>& into, Host& from, PeerId to,
                   std::vector<ProtocolId> protocols) {
    const OpenOptions options{.by = world.soon()};
    into.emplace(co_await from.open(to, std::move(protocols), options));
  }
  Task<> refuse(Stream stream) {
    ++ended;
    stream.reset();
    co_return;
  }
  Task<> never_read(Stream stream) {
    co_await world.rt.sleep_for(1h);
    stream.reset();
  }
  void write(Stream& stream, BytesView bytes) { world.rt.wait(stream.write(bytes, world.soon())); }

  Bytes hello() const {
    const Subscription all[] = {{topic(), true}};
    return frame(all);
  }

  std::vector<Stream*> incoming;
  Bytes received;
  int ended = 0;
};

TEST_F(ByHand, Trap21_TheirStreamIsNeitherWrittenNorEnded) {
  auto& a = add();
  a.join();
  Host& other = bare();
  world.connect(other, a.host);
  Stream stream = open(other, a);
  write(stream, hello());
  run();
  const auto message = sign_message(other.key(), 1, topic(), as_bytes(std::string_view("by hand")));
  write(stream, frame(*message));
  run(5min);
  EXPECT_EQ(a.texts(), Texts{"by hand"});
  // What comes back is the answer of the negotiation alone, and that stays inside fill.
  const auto again = world.rt.wait(attempt(stream.fill(world.soon(1s))));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::timeout);  // neither a byte nor an end
  stream.reset();
}

TEST_F(ByHand, Trap22_OurStreamIsOpenedAgainWhenItDies) {
  auto& a = add();
  a.join();
  Host& other = bare();
  world.connect(a.host, other);
  run();
  ASSERT_EQ(incoming.size(), 1u);
  EXPECT_EQ(received, hello());
  for (int i = 0; i < limits::reopen_attempts; ++i) {
    received.clear();
    incoming.front()->reset();
    run(30s);
    ASSERT_EQ(incoming.size(), 1u);
    EXPECT_EQ(received, hello());
    run(2min);  // a stream that has lived for a while counts as settled
  }
}

TEST_F(ByHand, OurStreamIsNotOpenedForEver) {
  auto& a = add();
  Host& other = bare();
  other.handle(meshsub_1_1, [this](Stream stream) { return refuse(std::move(stream)); });
  world.connect(a.host, other);
  run(10min);
  EXPECT_EQ(ended, 1 + limits::reopen_attempts);
  EXPECT_TRUE(a.host.connected(other.id()));
}

TEST_F(ByHand, ASecondStreamEndsTheFirstAndMakesUsSayHelloAgain) {
  auto& a = add();
  a.join();
  Host& other = bare();
  world.connect(other, a.host);
  Stream first = open(other, a);
  write(first, hello());
  run();
  EXPECT_EQ(a.gossip.subscribers(topic()).size(), 1u);
  received.clear();
  Stream second = open(other, a);
  write(second, Bytes{0});
  run(500ms);
  EXPECT_TRUE(a.gossip.subscribers(topic()).empty());
  EXPECT_EQ(Bytes(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(hello().size())),
            hello());
  write(second, hello());
  run();
  EXPECT_EQ(a.gossip.subscribers(topic()).size(), 1u);
  first.reset();
  second.reset();
}

TEST_F(ByHand, ASubscriptionThatComesBeforeOurStreamIsOpenCounts) {
  auto& a = add();
  a.join();
  Host& other = bare({floodsub});
  world.connect(other, a.host);
  Stream stream = open(other, a);  // it may open at once
  write(stream, hello());
  run();
  EXPECT_EQ(a.gossip.subscribers(topic()).size(), 1u);
  received.clear();
  a.say("hi");
  run();
  EXPECT_NE(as_text(received).find("hi"), std::string_view::npos);  // floodsub peers get messages
  stream.reset();
}

TEST_F(ByHand, ABadSignatureIsNotShownAndABadRpcLosesOnlyItself) {
  auto& a = add();
  a.join();
  Host& other = bare();
  world.connect(other, a.host);
  Stream stream = open(other, a);
  write(stream, hello());
  auto forged = *sign_message(other.key(), 1, topic(), as_bytes(std::string_view("forged")));
  forged.wire.back() ^= 1;
  write(stream, frame(forged));
  const Bytes nonsense = {2, 0x0b, 0x0b};
  write(stream, nonsense);
  run();
  EXPECT_TRUE(a.heard.empty());
  EXPECT_EQ(a.gossip.counters().rejected, 1u);
  EXPECT_EQ(a.gossip.counters().bad_rpcs, 1u);
  write(stream, frame(*sign_message(other.key(), 2, topic(), as_bytes(std::string_view("good")))));
  run();
  EXPECT_EQ(a.texts(), Texts{"good"});
  stream.reset();
}

TEST_F(ByHand, Trap24_AnRpcOverTheLimitEndsItsStreamAlone) {
  auto& a = add();
  a.join();
  Host& other = bare();
  world.connect(other, a.host);
  Stream stream = open(other, a);
  Bytes announced;
  append_uvarint(announced, limits::gossip_rpc_bytes + 1);
  write(stream, announced);
  run();
  EXPECT_EQ(a.gossip.counters().bad_rpcs, 1u);
  const auto reading = world.rt.wait(attempt(stream.fill(world.soon(1s))));
  EXPECT_FALSE(reading && !reading->empty());
  EXPECT_TRUE(a.host.connected(other.id()));
  stream.reset();
}

TEST_F(ByHand, AnRpcThatStopsInTheMiddleIsNotWaitedForForEver) {
  auto& a = add();
  Host& other = bare();
  world.connect(other, a.host);
  Stream stream = open(other, a);
  write(stream, Bytes{100, 1, 2, 3});
  run(limits::gossip_frame_time + 1s);
  EXPECT_EQ(a.gossip.counters().bad_rpcs, 1u);
  stream.reset();
}

TEST_F(ByHand, ASlowReaderCostsABoundedSum) {
  auto& a = add();
  a.join();
  Host& other = bare();
  other.handle(meshsub_1_1, [this](Stream stream) { return never_read(std::move(stream)); });
  world.connect(other, a.host);
  Stream stream = open(other, a);
  write(stream, hello());
  run();
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(a.gossip.publish(topic(), Bytes(limits::published_bytes)));
  }
  EXPECT_GT(a.gossip.counters().dropped, 100u);
  const Instant start = world.rt.now();
  world.rt.wait(a.gossip.flush(world.soon(200ms)));
  EXPECT_EQ(world.rt.now() - start, 200ms);  // flush waits for it until its deadline
  run(limits::gossip_write_time + 1s);       // then it is given up, and tried again later
  EXPECT_TRUE(a.host.connected(other.id()));
  stream.reset();
}

TEST_F(ByHand, AFloodOfRpcsIsReadAtItsRate) {
  auto& a = add();
  Host& other = bare();
  world.connect(other, a.host);
  Stream stream = open(other, a);
  const auto burst = static_cast<std::size_t>(limits::gossip_rpc_burst);
  const auto rate = static_cast<std::size_t>(limits::gossip_rpc_rate);
  write(stream, Bytes(burst + 2 * rate));  // empty ones
  run(1s);
  EXPECT_GE(a.gossip.counters().rpcs_in, burst);
  EXPECT_LE(a.gossip.counters().rpcs_in, burst + rate + 10);
  run(2s);
  EXPECT_EQ(a.gossip.counters().rpcs_in, burst + 2 * rate);
  stream.reset();
}

TEST_F(ByHand, ChecksHaveABoundedNumberOfPlaces) {
  auto& a = add();
  a.join();
  constexpr std::uint8_t peers = 8;
  std::vector<Stream> streams;
  std::vector<Bytes> rpcs;
  for (std::uint8_t n = 0; n < peers; ++n) {
    const auto number = static_cast<std::uint8_t>(100 + n);
    Host& other = world.add(number);
    world.connect(other, a.host);
    streams.push_back(open(other, a));
    Bytes body;
    for (std::uint64_t i = 0; i < limits::gossip_messages; ++i) {
      body.push_back(0x12);
      append_prefixed(body, sign_message(other.key(), i, topic(), {})->wire);
    }
    rpcs.emplace_back();
    append_prefixed(rpcs.back(), body);
  }
  run();
  {
    sim::SimScope writing(world.rt);
    for (std::size_t n = 0; n < peers; ++n) {
      writing.spawn(streams[n].write(rpcs[n], world.soon()));
    }
    run();
  }
  EXPECT_EQ(a.heard.size(), peers * limits::gossip_messages);
  EXPECT_GT(a.gossip.counters().held_up, 0u);
  for (auto& stream : streams) stream.reset();
}

}  // namespace
}  // namespace goop::p2p::pubsub
