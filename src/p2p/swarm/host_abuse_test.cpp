// Peers that are slow, half there, or flood a whole host before and after they have proven who they
// are: what they cost is bounded, and nobody else waits for it.
#include <gtest/gtest.h>

#include "p2p/mux/limits.h"
#include "p2p/select/multistream.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/raw_peer.h"

namespace goop::p2p {
namespace {

using mux::FrameType;
using sim::HostWorld;
using sim::key_of;
using sim::RawPeer;
using namespace mux;

// Sends the first `fast` bytes at once and then one byte a second.
class TricklingStream final : public net::ByteStream {
 public:
  TricklingStream(std::unique_ptr<net::ByteStream> below, Runtime& rt, std::size_t fast)
      : below_(std::move(below)), rt_(rt), fast_(fast) {}

  Task<std::size_t> read_some(MutBytes into) override { return below_->read_some(into); }
  Task<> write(std::span<const BytesView> parts) override {
    for (const BytesView part : parts) {
      for (const std::uint8_t byte : part) {
        if (sent_ >= fast_) co_await rt_.sleep_for(1s);
        const BytesView one(&byte, 1);
        co_await below_->write({&one, 1});
        ++sent_;
      }
    }
    writes_.push_back(sent_);
  }
  void shutdown_write() noexcept override { below_->shutdown_write(); }
  void abort() noexcept override { below_->abort(); }
  net::Endpoint local() const override { return below_->local(); }
  net::Endpoint remote() const override { return below_->remote(); }

  const std::vector<std::size_t>& writes() const { return writes_; }  // where each one ended

 private:
  std::unique_ptr<net::ByteStream> below_;
  Runtime& rt_;
  std::size_t fast_, sent_ = 0;
  std::vector<std::size_t> writes_;
};

// Dials and upgrades, slowly from byte `fast` on. Gives where the writes ended.
Task<std::vector<std::size_t>> shake_hands(HostWorld& world, sim::SimHost& from, const Host& to,
                                           std::size_t fast) {
  const net::Endpoint at{asio::ip::make_address("10.0.0.2"), 4001};
  auto below = co_await from.connect(at, std::nullopt, world.soon());
  auto slow = std::make_unique<TricklingStream>(std::move(below), world.rt, fast);
  const auto& writes = slow->writes();
  const KeyPair key = key_of(66);
  UpgradeOptions options{key, std::make_shared<BlockPool>(), EarlyMuxer::withhold};
  auto upgraded = co_await upgrade_outbound(world.rt, std::move(slow), std::move(options), to.id(),
                                            Deadline::never());
  co_return writes;
}

TEST(HostAbuse, ASlowHandshakeIsCutAtItsDeadlineWhereverItIsSlow) {
  HostWorld world;
  auto& b = world.add(2);
  auto& a = world.add(1);
  world.connect(a, b);
  auto& mallory = world.internet.add_host("10.0.9.9");
  const auto stages = world.rt.wait(shake_hands(world, mallory, b, 1'000'000));
  ASSERT_EQ(stages.size(), 4u);  // security's name, two messages of Noise, the muxer's name
  std::size_t start = 0;
  for (const std::size_t end : stages) {
    SCOPED_TRACE(start);
    world.rt.run_for(1min);
    const auto failures = b.counters().handshake_failures;
    const Instant began = world.rt.now();
    const auto result = world.rt.wait(attempt(shake_hands(world, mallory, b, start)));
    EXPECT_FALSE(result);
    EXPECT_LE(world.rt.now() - began, limits::inbound_upgrade + 2s);
    EXPECT_EQ(b.counters().handshake_failures, failures + 1);
    EXPECT_EQ(world.say(a, b, "quick"), "hello quick");
    start = end;
  }
}

TEST(HostAbuse, CVE_2022_23492_AFloodOfHandshakesTakesTheShareOfItsOwnNetworkOnly) {
  HostWorld world;
  auto& b = world.add(2);
  std::vector<std::unique_ptr<net::ByteStream>> held;
  for (int i = 1; i <= 100; ++i) {
    auto& machine = world.internet.add_host(fmt::format("10.0.9.{}", i));
    const net::Endpoint at{asio::ip::make_address("10.0.0.2"), 4001};
    held.push_back(world.rt.wait(machine.connect(at, std::nullopt, world.soon())));
  }
  world.rt.run_for(1s);
  EXPECT_EQ(b.counters().accepted, BudgetLimits{}.handshakes_per_network);
  auto& a = world.add(1);
  world.connect(a, b);
  EXPECT_EQ(world.say(a, b, "me"), "hello me");
  world.rt.run_for(limits::inbound_upgrade);
  auto& neighbour = world.add(world.internet.add_host("10.0.9.200"), world.options(3));
  world.connect(neighbour, b);  // their places are free again
}

TEST(HostAbuse, GiantMessagesOfTheHandshakeEndItAtTheirHead) {
  HostWorld world;
  auto& b = world.add(2);
  auto& machine = world.internet.add_host("10.0.9.9");
  const net::Endpoint at{asio::ip::make_address("10.0.0.2"), 4001};
  const Bytes name = lazy_preamble(protocol::noise);
  Bytes giant_noise = name;
  append(giant_noise, Bytes{0xff, 0xff});
  for (const Bytes& sent : {Bytes{0xff, 0xff, 0x03}, giant_noise}) {
    const auto failures = b.counters().handshake_failures;
    auto raw = world.rt.wait(machine.connect(at, std::nullopt, world.soon()));
    const BytesView part = sent;
    world.rt.wait(raw->write({&part, 1}));
    world.rt.run_for(100ms);
    EXPECT_EQ(b.counters().handshake_failures, failures + 1);
  }
}

TEST(HostAbuse, EndlessProposalsOfSecurityEndTheHandshake) {
  HostWorld world;
  auto& b = world.add(2);
  auto& machine = world.internet.add_host("10.0.9.9");
  const net::Endpoint at{asio::ip::make_address("10.0.0.2"), 4001};
  auto raw = world.rt.wait(machine.connect(at, std::nullopt, world.soon()));
  Bytes sent = lazy_preamble(ProtocolId("/tls/1.0.0"));
  for (std::size_t i = 0; i < limits::select_proposals; ++i) append_token(sent, "/tls/1.0.0");
  const BytesView part = sent;
  world.rt.wait(raw->write({&part, 1}));
  world.rt.run_for(100ms);
  EXPECT_EQ(b.counters().handshake_failures, 1u);
}

TEST(HostAbuse, AStreamThatIsNegotiatedByteByByteIsResetAtItsDeadline) {
  HostWorld world;
  auto& b = world.add(2);
  RawPeer mallory(world, world.machine(9), key_of(9), b);
  mallory.syn(1);
  mallory.send();
  for (const std::uint8_t byte : lazy_preamble(sim::greet)) {
    mallory.data(1, {&byte, 1});
    mallory.send();
    world.rt.run_for(1s);
    if (mallory.heard().resets > 0) break;
  }
  EXPECT_EQ(mallory.heard().reset.count(1), 1u);
  EXPECT_LE(world.rt.now() - Instant{}, limits::stream_negotiation + 2s);
  EXPECT_FALSE(mallory.heard().over);  // the stream's fault, not the connection's
}

TEST(HostAbuse, AnIdentifyThatComesByteByByteIsGivenUpAndTheConnectionStays) {
  HostWorld world;
  auto& b = world.add(2);
  RawPeer mallory(world, world.machine(9), key_of(9), b);
  mallory.send();
  world.rt.run_for(100ms);
  ASSERT_EQ(mallory.heard().data.count(2), 1u);  // it asks who we are
  mallory.frame({FrameType::window_update, flag_ack, 2, 0});
  mallory.data(2, lazy_preamble(protocol::identify));
  mallory.data(2, Bytes{0x80, 0x20});  // 4 KiB are announced
  for (int i = 0; i < 15 && !mallory.heard().reset.contains(2); ++i) {
    mallory.data(2, Bytes{0});
    mallory.send();
    world.rt.run_for(1s);
  }
  EXPECT_TRUE(mallory.heard().reset.contains(2));
  EXPECT_LE(world.rt.now() - Instant{}, limits::identify_timeout + 2s);
  EXPECT_TRUE(b.connected(PeerId::from_key(key_of(9).public_key())));
}

TEST(HostAbuse, EndlessProposalsResetTheStream) {
  HostWorld world;
  auto& b = world.add(2);
  RawPeer mallory(world, world.machine(9), key_of(9), b);
  mallory.ask(1, ProtocolId("/nobody/speaks/this"));
  Bytes more;
  for (int i = 0; i < 1000; ++i) append_token(more, "/nobody/speaks/this");
  mallory.data(1, more);
  mallory.send();
  world.rt.run_for(1s);
  EXPECT_TRUE(mallory.heard().reset.contains(1));
  const auto& answers = mallory.heard().data.at(1);
  EXPECT_LE(answers.size(), 20 + 4 * limits::select_proposals);
  EXPECT_FALSE(mallory.heard().over);
}

TEST(HostAbuse, AHalfClosedConnectionEnds) {
  HostWorld world;
  auto& b = world.add(2);
  RawPeer mallory(world, world.machine(9), key_of(9), b);
  mallory.send();
  world.rt.run_for(1s);
  ASSERT_EQ(b.connections().size(), 1u);
  mallory.end_writing();
  world.rt.run_for(1s);
  EXPECT_TRUE(b.connections().empty());
  EXPECT_TRUE(mallory.heard().over);
}

TEST(HostAbuse, StreamsThatThePeerNeverEndsAreResetAfterAWhile) {
  HostWorld world;
  auto& b = world.add(2);
  RawPeer mallory(world, world.machine(9), key_of(9), b);
  for (std::uint32_t id = 1; id < 60; id += 2) {
    mallory.ask(id, sim::greet);
    mallory.data(id, as_bytes("me\n"));  // answered and closed, but we do not say FIN
  }
  mallory.send();
  world.rt.run_for(1s);
  ASSERT_EQ(mallory.heard().ended.size(), 30u);
  EXPECT_GE(b.connections().front().streams, 30u);
  world.rt.run_for(limits::closing_stream_life + limits::keep_alive_interval + 1s);
  EXPECT_EQ(mallory.heard().resets, 31u);  // and the stream of identify, which we did not answer
  EXPECT_EQ(b.connections().front().streams, 0u);
}

}  // namespace
}  // namespace goop::p2p
