// Peers that ask for more work than their share, by what is legal one by one.
#include <gtest/gtest.h>

#include "p2p/multi/varint.h"
#include "p2p/mux/limits.h"
#include "p2p/protocols/identify/identify.h"
#include "p2p/protocols/ping/limits.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/flood_world.h"

namespace goop::p2p {
namespace {

using namespace mux;
using sim::FloodWorld;
using sim::RawPeer;

constexpr Duration span = 5s;

struct HostWork : testing::Test {
  FloodWorld flood;
  RawPeer& mallory = flood.mallory;

  // Whoever floods gets what its budget allows, and others are served meanwhile.
  void expect_bounded(const std::function<void()>& more) {
    EXPECT_LT(flood.run(span, more), 1s);
    EXPECT_LE(flood.charged(), flood.allowed(span));
  }
  // The flood is one: it would take more than it gets.
  void expect_slowed() const {
    EXPECT_GE(flood.charged(), flood.work.connection.per_second * 4);
    EXPECT_GE(flood.victim.counters().slowed, 1u);
  }
};

TEST_F(HostWork, StreamsThatAreOpenedAndEndedAreBounded) {
  expect_bounded([&] {
    for (int i = 0; i < 500; ++i) mallory.fin(flood.ask(sim::greet));
  });
  expect_slowed();
}

TEST_F(HostWork, QuestionsOfIdentifyAreBounded) {
  expect_bounded([&] {
    for (int i = 0; i < 500; ++i) mallory.fin(flood.ask(protocol::identify));
  });
  expect_slowed();
}

TEST_F(HostWork, PushesOfIdentifyArePacedLikeOtherStreamsThatAreReset) {
  const auto own = Multiaddr::parse("/ip4/10.0.0.9/tcp/4001").value();
  const auto key = sim::key_of(9);
  const Introduction self{key.public_key(), {own}, {sim::greet},
                          "mallory",        "",    seal_peer_record(key, 1, {{own}})};
  Bytes message;
  append_prefixed(message, encode_identify(self, own));
  expect_bounded([&] {
    for (int i = 0; i < 500; ++i) {
      const auto id = flood.ask(protocol::identify_push);
      mallory.data(id, message);
      mallory.fin(id);
    }
  });
  const double seconds = std::chrono::duration<double>(span).count();
  EXPECT_LE(static_cast<double>(mallory.heard().resets),
            limits::churn_burst + seconds * limits::churn_rate + 1000);
  EXPECT_GE(mallory.heard().resets, limits::churn_burst);
}

TEST_F(HostWork, PingsOverAStreamAreBounded) {
  const auto id = flood.ask(protocol::ping);
  const Bytes pings(1000 * limits::ping_bytes);
  expect_bounded([&] {
    while (flood.say(id, pings)) {
    }
  });
  expect_slowed();
}

TEST_F(HostWork, PingsOfTheMuxerAreBounded) {
  expect_bounded([&] {
    for (std::uint32_t i = 0; i < 20'000; ++i) mallory.frame({FrameType::ping, flag_syn, 0, i});
  });
}

TEST_F(HostWork, CreditInSmallPiecesIsBounded) {
  const auto id = flood.next_stream();
  mallory.ask(id, sim::greet);
  expect_bounded([&] {
    for (int i = 0; i < 200'000; ++i) mallory.frame({FrameType::window_update, 0, id, 64});
  });
  expect_slowed();
}

TEST_F(HostWork, BodiesThatNobodyWantsAreBounded) {
  const Bytes body(60'000);
  expect_bounded([&] {
    for (int i = 0; i < 200; ++i) mallory.data(flood.next_stream(), body);
  });
  expect_slowed();
}

TEST_F(HostWork, AFloodWithoutARestIsClosed) {
  const Bytes body(60'000);
  const auto more = [&] {
    for (int i = 0; i < 200; ++i) mallory.data(flood.next_stream(), body);
  };
  EXPECT_LT(flood.run(limits::flood_time - 5s, more), 1s);
  EXPECT_FALSE(mallory.heard().over);
  EXPECT_LT(flood.run(20s, more), 1s);
  EXPECT_TRUE(mallory.heard().over);
  EXPECT_EQ(mallory.heard().go_away, static_cast<std::uint32_t>(GoAwayCode::internal_error));
  flood.world.rt.run_for(1s);
  EXPECT_EQ(flood.victim.counters().floods, 1u);
}

TEST_F(HostWork, ManyOfOneNetworkAreBoundedTogether) {
  const Bytes body(60'000);
  std::vector<std::unique_ptr<RawPeer>> others;
  for (std::uint8_t n = 20; n < 28; ++n) {
    others.push_back(std::make_unique<RawPeer>(flood.world, flood.world.machine(n), sim::key_of(n),
                                               flood.victim));
  }
  const auto before = flood.victim.counters().work;
  const Instant start = flood.world.rt.now();
  const auto more = [&] {
    for (auto& other : others) {
      for (int i = 0; i < 50; ++i) other->data(1001, body);
      other->send(10ms);
    }
  };
  EXPECT_LT(flood.run(span, more), 1s);  // the neighbour is in the same network
  const auto took = std::chrono::duration<double>(flood.world.rt.now() - start).count();
  const auto& network = flood.work.network;
  const double reads = static_cast<double>(others.size()) * 256 * 1024;
  const auto done = static_cast<double>(flood.victim.counters().work - before);
  EXPECT_LE(done, network.burst + network.per_second * (took + limits::share_burst) + 2 * reads);
  EXPECT_GE(done, network.per_second * took);
}

Task<> swallow(Stream stream, std::size_t& taken) {
  for (;;) {
    const auto view = co_await stream.fill(Deadline::never());
    if (view.empty()) break;
    taken += view.size();
    stream.consume(view.size());
  }
  stream.close();
}

Task<> send_bulk(Host& from, PeerId to, ProtocolId protocol, std::size_t bytes, Deadline by) {
  std::vector<ProtocolId> wanted{std::move(protocol)};
  const OpenOptions options{.by = by};
  auto stream = co_await from.open(to, std::move(wanted), options);
  const Bytes block(256 * 1024);
  for (std::size_t sent = 0; sent < bytes; sent += block.size()) co_await stream.write(block, by);
  stream.close();
}

TEST_F(HostWork, ABulkTransferIsNotSlowed) {
  const ProtocolId sink("/test/sink/1.0.0");
  std::size_t taken = 0;
  flood.victim.handle(sink, [&](Stream stream) { return swallow(std::move(stream), taken); });
  flood.world.rt.run_for(3s);                // the handler is known
  constexpr std::size_t total = 256u << 20;  // at a unit a byte it would take ten seconds
  auto& rt = flood.world.rt;
  rt.wait(send_bulk(flood.neighbour, flood.victim.id(), sink, total, flood.world.soon(60s)));
  rt.run_for(1s);
  EXPECT_EQ(taken, total);
  EXPECT_EQ(flood.victim.counters().slowed, 0u);
}

TEST(HostWorkReplay, OneSeedGivesTheSameCounters) {
  const auto counters = [] {
    FloodWorld flood(7);
    const Bytes pings(300 * limits::ping_bytes);
    const auto id = flood.ask(protocol::ping);
    (void)flood.run(span, [&] {
      for (int i = 0; i < 300; ++i) flood.mallory.fin(flood.ask(sim::greet));
      flood.say(id, pings);
    });
    const auto all = flood.victim.counters();
    return std::array{all.work,
                      all.slowed,
                      all.floods,
                      all.bytes_in,
                      all.bytes_out,
                      all.streams_in,
                      std::uint64_t{flood.charged()}};
  };
  EXPECT_EQ(counters(), counters());
}

}  // namespace
}  // namespace goop::p2p
