// Proven peers that break the rules of yamux or flood a host with what is legal one by one.
#include <gtest/gtest.h>

#include "p2p/mux/limits.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/raw_peer.h"

namespace goop::p2p {
namespace {

using sim::HostWorld;
using sim::key_of;
using sim::RawPeer;
using namespace mux;

const ProtocolId bulk("/test/bulk/1.0.0");
const ProtocolId deaf("/test/deaf/1.0.0");

// Keeps what comes unread for a long time.
Task<> keep_unread([[maybe_unused]] Stream stream, Runtime& rt) { co_await rt.sleep_for(1h); }

// A host under attack, a peer that it serves meanwhile, and the machine of the attacker.
struct HostFlood : testing::Test {
  HostWorld world;
  Host& b = world.add(2);
  Host& a = world.add(1);
  sim::SimHost& machine = world.machine(9);
  const PeerId mallorys = PeerId::from_key(key_of(9).public_key());

  void SetUp() override {
    world.connect(a, b);
    world.rt.run_for(1s);
    b.handle(deaf, [this](Stream s) { return keep_unread(std::move(s), world.rt); },
             {.per_peer = 256, .total = 256});
  }

  RawPeer mallory(RawPeer::Reading reading = RawPeer::Reading::on) {
    return RawPeer(world, machine, key_of(9), b, reading);
  }

  // The other peer is answered at once.
  void others_are_served() {
    const Instant before = world.rt.now();
    EXPECT_EQ(world.say(a, b, "me"), "hello me");
    EXPECT_LT(world.rt.now() - before, 20ms);
  }
};

TEST_F(HostFlood, CVE_2022_23486_StreamsOfOnePeerAreCounted) {
  auto peer = mallory();
  for (std::uint32_t id = 1; id < 10'000; id += 2) peer.syn(id);
  EXPECT_TRUE(peer.send());
  world.rt.run_for(1s);
  const auto held = b.connections(mallorys).at(0).streams;
  EXPECT_LE(held, BudgetLimits{}.peer_streams_in + 1);  // and the one of identify
  EXPECT_GE(peer.heard().resets, 5'000 - BudgetLimits{}.peer_streams_in);
  others_are_served();
  world.rt.run_for(limits::stream_negotiation);
  EXPECT_EQ(b.connections(mallorys).at(0).streams, 0u);  // nothing was said on any of them
}

TEST_F(HostFlood, CVE_2022_23487_StreamsThatAreOpenedAndResetArePacedByTheConnection) {
  auto peer = mallory();
  const auto before = b.counters().bytes_in;
  const Instant until = world.rt.now() + 10s;
  std::uint32_t id = 1;
  while (world.rt.now() < until) {
    for (int i = 0; i < 1000; ++i, id += 2) {
      peer.syn(id);
      peer.rst(id);
    }
    peer.send(1s);
  }
  const double pairs = static_cast<double>(b.counters().bytes_in - before) / 24;
  const double in_buffers = limits::receive_buffer_most / 24.0;
  EXPECT_LT(pairs, limits::churn_burst + 10 * limits::churn_rate + 2 * in_buffers);
  EXPECT_FALSE(peer.heard().over);
  others_are_served();
}

TEST_F(HostFlood, ABodyBeyondTheWindowEndsTheConnectionWithAGoAway) {
  auto peer = mallory();
  peer.ask(1, deaf);
  for (int i = 0; i < 5; ++i) peer.data(1, Bytes(60'000));
  peer.send();
  world.rt.run_for(1s);
  EXPECT_EQ(peer.heard().go_away, static_cast<std::uint32_t>(GoAwayCode::protocol_error));
  EXPECT_TRUE(peer.heard().over);
  EXPECT_FALSE(b.connected(mallorys));
}

TEST_F(HostFlood, AnAnnouncedBodyOf4GiBIsRefusedOnAStreamAndDroppedBesideOne) {
  auto beside = mallory();
  beside.frame({FrameType::data, 0, 77, 0xffff'ffff});
  beside.send();
  for (int i = 0; i < 100; ++i) {
    beside.frame({FrameType::ping, flag_syn, 0, 1}, Bytes(60'000));  // all of it body of stream 77
    beside.send();
  }
  world.rt.run_for(1s);
  EXPECT_EQ(beside.heard().pongs, 0u);
  EXPECT_TRUE(b.connected(mallorys));
  RawPeer on(world, machine, key_of(10), b);
  on.syn(1);
  on.frame({FrameType::data, 0, 1, 0xffff'ffff});
  on.send();
  world.rt.run_for(1s);
  EXPECT_EQ(on.heard().go_away, static_cast<std::uint32_t>(GoAwayCode::protocol_error));
}

TEST_F(HostFlood, CVE_2026_31814_CreditBeyond32BitsEndsTheConnection) {
  auto peer = mallory();
  peer.ask(1, sim::greet);
  peer.frame({FrameType::window_update, 0, 1, 0xffff'ffff});
  peer.send();
  world.rt.run_for(1s);
  EXPECT_EQ(peer.heard().go_away, static_cast<std::uint32_t>(GoAwayCode::protocol_error));
}

// Pings come in, their answers cannot go out.
TEST_F(HostFlood, CVE_2024_32984_PingsOfAPeerThatDoesNotReadEndWithItsConnection) {
  auto peer = mallory(RawPeer::Reading::off);
  const Instant start = world.rt.now();
  while (b.connected(mallorys) && world.rt.now() - start < 5min) {
    for (std::uint32_t i = 0; i < 5'000; ++i) peer.frame({FrameType::ping, flag_syn, 0, i});
    if (!peer.send(1s)) world.rt.run_for(1s);
    others_are_served();
  }
  EXPECT_FALSE(b.connected(mallorys));
  EXPECT_GE(world.rt.now() - start, limits::write_timeout);
}

Task<> pour(Stream stream, Runtime& rt) {
  const Bytes block(64 * 1024, 1);
  for (;;) co_await stream.write(block, Deadline::after(rt.now(), 1h));
}

TEST_F(HostFlood, APeerThatNeverReadsLosesItsConnectionByTheWriteTimeout) {
  b.handle(bulk, [this](Stream s) { return pour(std::move(s), world.rt); });
  auto peer = mallory(RawPeer::Reading::off);
  for (std::uint32_t id = 1; id < 32; id += 2) {
    peer.ask(id, bulk);
    peer.frame({FrameType::window_update, 0, id, 64u << 20});  // all the credit it could want
  }
  peer.send();
  const Instant start = world.rt.now();
  while (b.connected(mallorys) && world.rt.now() - start < 5min) {
    world.rt.run_for(1s);
    others_are_served();
  }
  EXPECT_FALSE(b.connected(mallorys));
  EXPECT_GE(world.rt.now() - start, limits::write_timeout);
  EXPECT_LE(world.rt.now() - start, 6 * limits::write_timeout);
}

// The reader waits for the writer to get rid of replies; when the writer fails, it is told.
TEST_F(HostFlood, RepliesThatCannotBeSentDoNotKeepADeadConnection) {
  b.handle(bulk, [this](Stream s) { return pour(std::move(s), world.rt); });
  auto peer = mallory(RawPeer::Reading::off);
  for (std::uint32_t id = 1; id < 32; id += 2) {
    peer.ask(id, bulk);
    peer.frame({FrameType::window_update, 0, id, 64u << 20});
  }
  peer.send();
  world.rt.run_for(1s);
  for (std::uint32_t id = 1001; id < 21'001; id += 2) peer.syn(id);  // most are refused
  peer.send(1s);
  world.rt.run_for(2min);
  EXPECT_FALSE(b.connected(mallorys));
  others_are_served();
}

TEST_F(HostFlood, UnreadBytesOfOneConnectionAreBoundedAndItCanStillBeEnded) {
  auto peer = mallory();
  const Bytes block(60'000);
  std::size_t sent = 0;
  for (std::uint32_t id = 1; id < 500; id += 2) {
    peer.ask(id, deaf);
    for (int i = 0; i < 4; ++i) peer.data(id, block);
    if (!peer.send(1s)) break;
    sent += 4 * block.size();
  }
  EXPECT_LE(sent, limits::unread_most + (8u << 20));  // the network holds some megabytes
  EXPECT_GE(sent, limits::unread_most - 4 * block.size());
  others_are_served();
  b.disconnect(mallorys);
  world.rt.run_for(1s);
  EXPECT_FALSE(b.connected(mallorys));
}

TEST_F(HostFlood, OneByteFramesAreServedAtTheirPace) {
  auto peer = mallory();
  peer.ask(1, deaf);
  peer.send();
  const auto before = b.counters().bytes_in;
  const std::uint8_t one = 1;
  for (int i = 0; i < 200'000; ++i) peer.data(1, {&one, 1});
  EXPECT_TRUE(peer.send());
  world.rt.run_for(300ms);  // beyond the burst they are paced
  EXPECT_LT(b.counters().bytes_in - before, 2'600'000u);
  others_are_served();
  world.rt.run_for(1s);
  EXPECT_GE(b.counters().bytes_in - before, 2'600'000u);
  EXPECT_TRUE(b.connected(mallorys));
}

}  // namespace
}  // namespace goop::p2p
