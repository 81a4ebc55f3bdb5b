// What a host holds for its peers, as its budget sees it: charged while it is held, never above the
// scope, and given back.
#include <gtest/gtest.h>

#include "p2p/mux/limits.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/raw_peer.h"

namespace goop::p2p {
namespace {

using sim::HostWorld;
using sim::key_of;
using sim::RawPeer;

const ProtocolId deaf("/test/deaf/1.0.0");  // takes a stream and reads nothing
const ProtocolId slow("/test/slow/1.0.0");  // reads when it is told to

constexpr std::size_t small_scope = 4u << 20;

class HostMemory : public testing::Test {
 protected:
  HostMemory() {
    auto options = world.options(2);
    options.budget.memory = small_scope;
    b = &world.add(world.machine(2), std::move(options));
    b->handle(deaf, [this](Stream s) -> Task<> {
      Stream held = std::move(s);
      co_await world.rt.sleep_for(1h);
    });
    b->handle(slow, [this](Stream s) { return read_later(std::move(s)); });
  }

  Task<> read_later(Stream stream) {
    while (!may_read) co_await go.wait_until(Deadline::never());
    for (;;) {
      const auto bytes = co_await stream.fill(Deadline::never());
      if (bytes.empty()) break;
      received += bytes.size();
      stream.consume(bytes.size());
    }
    stream.close();
  }

  RawPeer stranger(std::uint8_t n) {
    return RawPeer(world, world.internet.add_host(fmt::format("10.0.{}.9", n)), key_of(n), *b);
  }

  // Fills the base window of streams of `protocol`, without the last bytes.
  void fill(RawPeer& peer, const ProtocolId& protocol, std::uint32_t streams) {
    const Bytes block(60'000);
    for (std::uint32_t i = 0; i < streams; ++i) {
      peer.ask(2 * i + 1, protocol);
      for (int part = 0; part < 4; ++part) peer.data(2 * i + 1, block);
      if (!peer.send(1s)) return;
      expect_within_scope();
    }
  }

  // A stream of `slow` with something on it.
  Task<> begin(Host& from, BytesView block, std::optional<Stream>& stream) {
    const OpenOptions options{.by = world.soon()};
    std::vector<ProtocolId> wanted = {slow};
    stream.emplace(co_await from.open(b->id(), wanted, options));
    co_await stream->write(block, world.soon());
  }

  void expect_within_scope() {
    highest = std::max(highest, b->usage().memory);
    EXPECT_LE(b->usage().memory, small_scope);
  }

  HostWorld world;
  Host* b = nullptr;
  Signal go{world.rt};
  bool may_read = false;
  std::size_t received = 0, highest = 0;
};

TEST_F(HostMemory, UnreadDataOfManyIdentitiesStaysWithinTheScopeOfAll) {
  std::vector<std::unique_ptr<RawPeer>> all;
  std::size_t turned_away = 0;
  for (std::uint8_t n = 10; n < 40; ++n) {
    all.push_back(std::make_unique<RawPeer>(
        world, world.internet.add_host(fmt::format("10.0.{}.9", n)), key_of(n), *b));
    fill(*all.back(), deaf, 4);  // nearly a megabyte each
    world.rt.run_for(1s);
    expect_within_scope();
  }
  for (const auto& peer : all) turned_away += peer->heard().over ? 1 : 0;
  EXPECT_GE(highest, small_scope * 3 / 4);
  EXPECT_GE(turned_away, 20u);
  EXPECT_EQ(all.back()->heard().go_away,
            static_cast<std::uint32_t>(mux::GoAwayCode::internal_error));
  EXPECT_FALSE(all.front()->heard().over);  // who asked for more was the one to go
}

TEST_F(HostMemory, UnreadDataIsChargedWhileItIsHeldAndGivenBackWhenItIsRead) {
  auto peer = stranger(9);
  fill(peer, slow, 4);
  world.rt.run_for(1s);
  EXPECT_GE(b->usage().memory, 960'000u);
  EXPECT_LE(b->usage().memory, 16 * BlockPool::block_bytes + limits::charge_step);
  may_read = true;
  go.notify_all();
  world.rt.run_for(1s);
  EXPECT_EQ(received, 960'000u);
  EXPECT_EQ(b->usage().memory, 4 * limits::initial_window);  // the windows of quick readers grew
  for (std::uint32_t id = 1; id < 8; id += 2) peer.rst(id);
  EXPECT_TRUE(peer.send());
  world.rt.run_for(limits::keep_alive_interval + 1s);
  EXPECT_EQ(b->usage().memory, 0u);
}

TEST_F(HostMemory, DataThatOutlivesItsConnectionStaysCharged) {
  std::vector<Stream> kept;
  b->handle(slow, [&kept](Stream s) -> Task<> {
    kept.push_back(std::move(s));
    co_return;
  });
  {
    auto peer = stranger(9);
    fill(peer, slow, 4);
    world.rt.run_for(1s);
  }
  world.rt.run_for(1s);
  EXPECT_TRUE(b->connections().empty());
  EXPECT_GE(b->usage().memory, 960'000u);
  kept.clear();
  EXPECT_EQ(b->usage(), Budget::Usage{});
}

TEST(UnreadMost, AConnectionThatPausedGoesOnWhenItsStreamsAreDropped) {
  HostWorld world;
  auto& b = world.add(2);
  std::vector<Stream> kept;
  auto keep = [&kept](Stream s) -> Task<> {
    kept.push_back(std::move(s));
    co_return;
  };
  b.handle(deaf, keep, {.per_peer = 256, .total = 256});
  RawPeer peer(world, world.internet.add_host("10.0.9.9"), key_of(9), b);
  const Bytes block(60'000);
  bool paused = false;
  for (std::uint32_t id = 1; id < 500 && !paused; id += 2) {
    peer.ask(id, deaf);
    for (int i = 0; i < 4; ++i) peer.data(id, block);
    paused = !peer.send(1s);
  }
  ASSERT_TRUE(paused);
  EXPECT_GE(b.usage().memory, limits::unread_most);
  EXPECT_LE(b.usage().memory, BudgetLimits{}.peer_memory);
  kept.clear();
  EXPECT_TRUE(peer.send());
}

// One read takes at most receive_buffer_most bytes; each block that it keeps alive is at most
// sharing_waste times larger, and each stream may start a block of a kilobyte for small bodies.
TEST(UnreadMost, WhatOneReadBringsBeyondThePauseIsWithinThePeersMemory) {
  const BudgetLimits budget;
  const std::size_t streams = budget.peer_streams_in + budget.peer_streams_out;
  EXPECT_LE(limits::unread_most + limits::sharing_waste * limits::receive_buffer_most +
                streams * 1024 + limits::charge_step,
            budget.peer_memory);
}

TEST_F(HostMemory, AllThatIsCountedIsGivenBackToZero) {
  auto& a = world.add(1);
  world.connect(a, *b);
  world.rt.run_for(1s);  // identify is over
  EXPECT_EQ(a.usage().connections_out, 1u);
  EXPECT_EQ(b->usage().connections_in, 1u);
  EXPECT_EQ(b->usage().streams_in, 0u);
  const Bytes block(100'000);
  std::optional<Stream> stream;
  world.rt.wait(begin(a, block, stream));
  world.rt.run_for(1s);
  EXPECT_EQ(a.usage().streams_out, 1u);
  EXPECT_EQ(b->usage().streams_in, 1u);
  EXPECT_GE(b->usage().memory, block.size());
  stream->reset();
  may_read = true;
  go.notify_all();
  world.rt.run_for(1s);
  b->disconnect(a.id());
  world.rt.run_for(1s);
  EXPECT_EQ(a.usage(), Budget::Usage{});
  EXPECT_EQ(b->usage(), Budget::Usage{});
}

}  // namespace
}  // namespace goop::p2p
