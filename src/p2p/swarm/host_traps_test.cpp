// Interop traps and advisories that only whole hosts can fall into; docs/dev/protocols/traps.md
// lists them all.
#include <gtest/gtest.h>

#include "p2p/multi/varint.h"
#include "p2p/protocols/identify/limits.h"
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

const ProtocolId shout("/test/shout/1.0.0");

struct InteropTraps : testing::Test {
  HostWorld world;
};

TEST_F(InteropTraps, Trap05_APeerWithoutAMuxerListIsConnectedEitherWay) {
  auto plain = world.options(1);
  plain.early_muxer = EarlyMuxer::withhold;
  auto& a = world.add(world.machine(1), std::move(plain));
  auto& b = world.add(2);
  auto& c = world.add(3);
  world.connect(a, b);
  world.connect(c, a);
  EXPECT_EQ(world.say(a, b, "out"), "hello out");
  EXPECT_EQ(world.say(c, a, "in"), "hello in");
}

Task<> swallow(Stream stream, Runtime& rt) {
  for (;;) {
    const auto view = co_await stream.fill(Deadline::after(rt.now(), 1h));
    if (view.empty()) co_return;
    stream.consume(view.size());
  }
}

Task<> pour(Host& from, PeerId to, Runtime& rt) {
  std::vector<ProtocolId> protocols = {shout};
  OpenOptions options{.by = Deadline::after(rt.now(), 10s)};
  auto stream = co_await from.open(to, protocols, options);
  const Bytes block(256 * 1024, 1);
  for (;;) co_await stream.write(block, Deadline::after(rt.now(), 1h));
}

TEST_F(InteropTraps, Trap11_PingsAreAnsweredBesideBulkStreams) {
  const sim::Link slow{.latency = 5ms, .bytes_per_second = 10e6};
  auto& a = world.add(world.internet.add_host("10.0.0.1", slow), world.options(1));
  auto& b = world.add(world.internet.add_host("10.0.0.2", slow), world.options(2));
  b.handle(shout, [this](Stream s) { return swallow(std::move(s), world.rt); });
  world.connect(a, b);
  sim::SimScope scope(world.rt);
  for (int i = 0; i < 8; ++i) scope.spawn(pour(a, b.id(), world.rt), [](std::optional<Error>) {});
  world.rt.run_for(2s);
  for (int i = 0; i < 5; ++i) {
    EXPECT_LT(world.rt.wait(a.ping(b.id(), world.soon())), 2s);
    EXPECT_LT(world.rt.wait(b.ping(a.id(), world.soon())), 2s);
  }
}

TEST_F(InteropTraps, Trap12_FailedStreamsLeaveNothingBehind) {
  auto& a = world.add(1);
  auto& b = world.add(2);
  b.handle(shout, [](Stream) -> Task<> { raise(Errc::invalid, "no"); });
  world.connect(a, b);
  world.rt.run_for(1s);
  for (int i = 0; i < 1000; ++i) {
    std::vector<ProtocolId> protocols = {shout};
    auto asking = attempt(sim::ask_line(a, b.id(), std::move(protocols), "x", world.soon()));
    EXPECT_FALSE(world.rt.wait(std::move(asking)));
  }
  world.rt.run_for(1s);
  EXPECT_EQ(a.connections().front().streams, 0u);
  EXPECT_EQ(b.connections().front().streams, 0u);
}

Task<> answer_at_the_end(Stream stream, Runtime& rt) {
  const auto by = Deadline::after(rt.now(), 10s);
  const auto all = co_await read_to_end(stream, 1000, by);
  const auto text = fmt::format("{} bytes\n", all.size());
  co_await stream.write(as_bytes(text), by);
  stream.close();
}

TEST_F(InteropTraps, Trap13_AHalfCloseBehindTheRequestReachesWhoWaitsForIt) {
  auto& a = world.add(1);
  auto& b = world.add(2);
  b.handle(shout, [this](Stream s) { return answer_at_the_end(std::move(s), world.rt); });
  world.connect(a, b);
  for (const auto wait : {0s, 1s}) {  // negotiated eagerly, then lazily
    world.rt.run_for(wait);
    std::vector<ProtocolId> protocols = {shout};
    auto asking = sim::ask_line(a, b.id(), std::move(protocols), "four", world.soon());
    EXPECT_EQ(world.rt.wait(std::move(asking)), "5 bytes");
  }
}

TEST_F(InteropTraps, Trap15_TheAnswerToIdentifyIsOneMessageAndEnds) {
  auto& b = world.add(2);
  for (int i = 0; i < 150; ++i) {
    b.handle(ProtocolId(*ProtocolId::parse(fmt::format("/test/number/{}", i))),
             [](Stream) -> Task<> { co_return; });
  }
  RawPeer peer(world, world.machine(9), key_of(9), b);
  peer.ask(1, protocol::identify);
  peer.send();
  world.rt.run_for(1s);
  ASSERT_TRUE(peer.heard().ended.contains(1));
  const auto& all = peer.heard().data.at(1);
  const std::size_t preamble = lazy_preamble(protocol::identify).size();
  ASSERT_GT(all.size(), preamble);
  LengthPrefixed message(limits::identify_sent_bytes);
  const auto rest = BytesView(all).subspan(preamble);
  const auto taken = message.on_bytes(rest);
  ASSERT_TRUE(taken && message.complete());
  EXPECT_EQ(*taken, rest.size());
}

TEST_F(InteropTraps, Trap28_AClassBehindOneAddressIsServed) {
  auto& b = world.add(2);
  auto& router = world.machine(9);
  std::vector<std::unique_ptr<RawPeer>> pupils;
  for (std::uint8_t i = 0; i < 40; ++i) {
    const auto key = key_of(static_cast<std::uint8_t>(100 + i));
    pupils.push_back(std::make_unique<RawPeer>(world, router, key, b));
  }
  world.rt.run_for(1s);
  EXPECT_EQ(b.connections().size(), 40u);
}

// js-libp2p's webrtc and kad-dht: an exception of a parser left its session.
TEST_F(InteropTraps, CVE_2026_103936_WhateverAHandlerThrowsEndsItsStreamAlone) {
  auto& a = world.add(1);
  auto& b = world.add(2);
  world.connect(a, b);
  world.rt.run_for(1s);
  const std::vector<Host::Handler> throwers = {
      [](Stream) -> Task<> { throw std::runtime_error("parser"); },
      [](Stream) -> Task<> { throw std::bad_alloc(); },
      [](Stream) -> Task<> { throw 42; },
      [](Stream) -> Task<> { raise(Errc::violation, "they broke the rules"); },
      [](Stream) -> Task<> { raise(Errc::cancelled, "not our wish"); },
      [](Stream) -> Task<> { throw std::runtime_error("before the first wait"); },
  };
  for (const auto& thrower : throwers) {
    b.handle(shout, thrower);
    world.rt.run_for(3s);
    std::vector<ProtocolId> protocols = {shout};
    auto asking = attempt(sim::ask_line(a, b.id(), std::move(protocols), "x", world.soon()));
    EXPECT_EQ(world.rt.wait(std::move(asking)).error().code, Errc::closed);
    EXPECT_EQ(world.say(a, b, "still there"), "hello still there");
  }
  EXPECT_EQ(a.counters().dials, 1u);
}

// Reports about cpp-libp2p: a crash at disconnect, streams that outlive their connection.
TEST_F(InteropTraps, CppLibp2pReports_HandlersThatUseAStreamAtDisconnectEndInOrder) {
  auto& a = world.add(1);
  auto& b = world.add(2);
  int ended = 0;
  b.handle(shout, [this, &ended](Stream s) {
    return [](Stream stream, Runtime& rt, int& n) -> Task<> {
      try {
        co_await swallow(std::move(stream), rt);
      } catch (const Failure&) {
        ++n;
        throw;
      }
    }(std::move(s), world.rt, ended);
  });
  world.connect(a, b);
  sim::SimScope scope(world.rt);
  for (int i = 0; i < 8; ++i) scope.spawn(pour(a, b.id(), world.rt), [](std::optional<Error>) {});
  world.rt.run_for(100ms);
  b.disconnect(a.id());
  world.rt.run_for(1s);
  EXPECT_EQ(ended, 8);
  EXPECT_FALSE(a.connected(b.id()));
}

}  // namespace
}  // namespace goop::p2p
