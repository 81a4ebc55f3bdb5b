// What a proven peer says of itself may be wrong, huge or endless.
#include <gtest/gtest.h>

#include "p2p/multi/varint.h"
#include "p2p/protocols/identify/identify.h"
#include "p2p/select/multistream.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/raw_peer.h"

namespace goop::p2p {
namespace {

using sim::HostWorld;
using sim::key_of;
using sim::RawPeer;
using namespace mux;

struct IdentifyAbuse : testing::Test {
  HostWorld world;
  Host& b = world.add(2);
  RawPeer mallory{world, world.machine(9), key_of(9), b};
  const PeerId mallorys = PeerId::from_key(key_of(9).public_key());

  Introduction introduction(std::uint8_t key, std::string agent) const {
    return {.key = key_of(key).public_key(),
            .addresses = {},
            .protocols = {sim::greet, protocol::identify_push},
            .agent = std::move(agent),
            .protocol_version = "",
            .signed_record = {}};
  }

  // Pushes `messages`, framed, on stream `id`.
  void push(std::uint32_t id, BytesView framed) {
    mallory.ask(id, protocol::identify_push);
    mallory.data(id, framed);
    mallory.fin(id);
    mallory.send();
    world.rt.run_for(10ms);
  }
  Bytes framed(const Introduction& self) const {
    Bytes bytes;
    append_prefixed(bytes, encode_identify(self, Multiaddr()));
    return bytes;
  }
  std::string agent() const {
    const auto facts = b.facts(mallorys);
    return facts ? facts->agent : "";
  }
};

TEST_F(IdentifyAbuse, PushesBeyondTheirRateAreResetUnread) {
  std::uint32_t id = 1;
  const auto burst = static_cast<int>(limits::push_burst);
  for (int i = 0; i < burst + 5; ++i, id += 2) {
    push(id, framed(introduction(9, fmt::format("agent {}", i))));
  }
  EXPECT_EQ(agent(), fmt::format("agent {}", burst - 1));
  EXPECT_EQ(mallory.heard().reset.at(id - 2), static_cast<std::uint32_t>(ResetCode::rate_limited));
  const std::chrono::duration<double> one(1 / limits::push_rate);
  world.rt.run_for(std::chrono::duration_cast<Duration>(one));
  push(id, framed(introduction(9, "later")));
  EXPECT_EQ(agent(), "later");
  EXPECT_TRUE(b.connected(mallorys));
}

TEST_F(IdentifyAbuse, AForeignKeyMakesAMessageWorthless) {
  push(1, framed(introduction(9, "mine")));
  push(3, framed(introduction(8, "not mine")));
  EXPECT_EQ(agent(), "mine");
  EXPECT_TRUE(b.connected(mallorys));
}

TEST_F(IdentifyAbuse, GHSA_g35j_m5xg_vh3q_HugeListsAreCutToTheirLimits) {
  Bytes all;
  for (std::size_t message = 0; message < limits::identify_messages; ++message) {
    Bytes one;
    for (int i = 0; i < 200; ++i) {
      const auto protocol = fmt::format("/p/{}/{}", message, i);
      one.push_back(3 << 3 | 2);
      append_prefixed(one, as_bytes(protocol));
      const auto address =
          Multiaddr::tcp(asio::ip::address_v4(0x0a000000u + 256u * static_cast<unsigned>(message) +
                                              static_cast<unsigned>(i)),
                         4001);
      one.push_back(2 << 3 | 2);
      append_prefixed(one, address.bytes());
    }
    append_prefixed(all, one);
  }
  push(1, all);
  ASSERT_TRUE(b.facts(mallorys));
  EXPECT_EQ(b.facts(mallorys)->protocols.size(), limits::identify_protocols);
  EXPECT_LE(b.facts(mallorys)->addresses.size(), limits::identify_addresses);
  EXPECT_LE(b.known_addresses(mallorys).size(), limits::book_addresses_connected);
}

TEST_F(IdentifyAbuse, EndlessAndOversizedMessagesAreReset) {
  push(1, Bytes{0xff, 0xff, 0x7f});  // 2 MiB are announced
  EXPECT_TRUE(mallory.heard().reset.contains(1));
  Bytes many;
  for (std::size_t i = 0; i <= limits::identify_messages; ++i) {
    append(many, framed(introduction(9, "one of many")));
  }
  push(3, many);
  EXPECT_TRUE(mallory.heard().reset.contains(3));
  EXPECT_EQ(agent(), "");
  EXPECT_TRUE(b.connected(mallorys));
}

TEST_F(IdentifyAbuse, NobodyIsDialledBecauseIdentifyNamedIt) {
  auto& victim = world.add(7);
  auto self = introduction(9, "liar");
  self.addresses = victim.addresses();
  push(1, framed(self));
  world.rt.run_for(1min);
  EXPECT_EQ(b.counters().dials, 0u);
  EXPECT_EQ(victim.counters().accepted, 0u);
}

TEST_F(IdentifyAbuse, ChangesWithinADebounceAreOnePush) {
  push(1, framed(introduction(9, "speaks push")));
  mallory.ask(101, protocol::identify);  // it has heard what we are
  mallory.send();
  world.rt.run_for(1s);
  const auto before = mallory.heard().data.size();
  for (int i = 0; i < 20; ++i) {
    b.handle(ProtocolId(*ProtocolId::parse(fmt::format("/new/{}", i))),
             [](Stream) -> Task<> { co_return; });
    world.rt.run_for(Duration(limits::push_debounce) / 40);
  }
  world.rt.run_for(2 * limits::push_debounce);
  EXPECT_EQ(mallory.heard().data.size(), before + 1);
}

TEST_F(IdentifyAbuse, PushesToPeersThatDoNotAnswerRunSideBySideUpToTheirCap) {
  std::vector<std::unique_ptr<RawPeer>> silent;
  const auto count = limits::push_parallel + 8;
  for (std::size_t i = 0; i < count; ++i) {
    const auto machine = static_cast<std::uint8_t>(100 + i);
    auto& from = world.machine(machine);
    auto& peer = *silent.emplace_back(std::make_unique<RawPeer>(world, from, key_of(machine), b));
    peer.ask(1, protocol::identify);
    peer.ask(3, protocol::identify_push);
    peer.data(3, framed(introduction(machine, "silent")));
    peer.fin(3);
    peer.send();
  }
  world.rt.run_for(1s);
  b.handle(ProtocolId("/new"), [](Stream) -> Task<> { co_return; });
  world.rt.run_for(limits::push_debounce + 1s);
  const auto pushed = std::ranges::count_if(silent, [](const auto& peer) {
    return peer->heard().data.contains(4);  // 2 was identify
  });
  EXPECT_EQ(static_cast<std::size_t>(pushed), limits::push_parallel);
  world.rt.run_for(limits::identify_timeout + 2s);  // the silent ones are given up
  const auto later = std::ranges::count_if(
      silent, [](const auto& peer) { return peer->heard().data.contains(4); });
  EXPECT_EQ(static_cast<std::size_t>(later), count);
}

}  // namespace
}  // namespace goop::p2p
