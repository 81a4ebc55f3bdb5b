// How a whole host reaches peers, and lets go of them.
#include <gtest/gtest.h>

#include "p2p/mux/limits.h"
#include "p2p/select/multistream.h"
#include "p2p/swarm/faulty_networks_test_kit.h"
#include "p2p/swarm/limits.h"
#include "testing/hosts/raw_peer.h"

namespace goop::p2p {
namespace {

using sim::HostWorld;
using sim::key_of;
using sim::RawPeer;
using test::MuteNames;

struct HostDial : testing::Test {
  HostWorld world;
  Host& b = world.add(2);
  MuteNames mute{world.rt, world.machine(1)};
  Host& a = world.add(mute, world.options(1));
};

TEST_F(HostDial, ANameThatNobodyAnswersDelaysNoAddress) {
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/dns4/dead.example/tcp/4001"),
                                            *Multiaddr::parse("/ip4/10.0.0.2/tcp/4001")};
  const Instant start = world.rt.now();
  EXPECT_EQ(world.rt.wait(a.connect(b.id(), addresses, world.soon())).peer, b.id());
  EXPECT_LT(world.rt.now() - start, 1s);
  world.rt.run_for(limits::resolve_timeout + 1s);
  EXPECT_TRUE(a.connected(b.id()));
}

TEST_F(HostDial, ADialEndsWhenItsNamesHaveNoAnswerAndSaysWhatItTried) {
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/dns4/dead.example/tcp/4001"),
                                            *Multiaddr::parse("/ip4/10.0.0.2/tcp/4002")};
  const Instant start = world.rt.now();
  const auto result = world.rt.wait(attempt(a.connect(b.id(), addresses, world.soon(1min))));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unreachable);
  EXPECT_NE(result.error().detail.find("tcp/4002"), std::string::npos);
  EXPECT_EQ(world.rt.now() - start, limits::resolve_timeout);
}

TEST_F(HostDial, DisconnectingLetsWhatIsUnderWayGoOut) {
  std::string heard;
  const ProtocolId note("/test/note/1.0.0");
  b.handle(note, [&heard](Stream s) -> Task<> {
    for (;;) {
      const auto bytes = co_await s.fill(Deadline::never());
      if (bytes.empty()) break;
      heard.append(bytes.begin(), bytes.end());
      s.consume(bytes.size());
    }
  });
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/ip4/10.0.0.2/tcp/4001")};
  world.rt.wait(a.connect(b.id(), addresses, world.soon()));
  world.rt.run_for(1s);
  auto last_words = [](Host& from, Host& to, ProtocolId protocol, Deadline by) -> Task<> {
    std::vector<ProtocolId> wanted = {protocol};
    const OpenOptions options{.by = by};
    auto stream = co_await from.open(to.id(), wanted, options);
    const Bytes word(200'000, 'x');
    co_await stream.write(word, by);
    stream.close();
    from.disconnect(to.id());
  };
  world.rt.wait(last_words(a, b, note, world.soon()));
  EXPECT_FALSE(a.connected(b.id()));  // at once
  world.rt.run_for(limits::close_time);
  EXPECT_EQ(heard.size(), 200'000u);
  EXPECT_EQ(a.usage(), Budget::Usage{});
}

TEST_F(HostDial, AnOrderlyEndTakesCloseTimeAtMost) {
  const ProtocolId bulk("/test/bulk/1.0.0");
  b.handle(bulk, [this](Stream s) -> Task<> {
    const Bytes block(1 << 20);
    for (;;) co_await s.write(block, Deadline::after(world.rt.now(), 1min));
  });
  const auto mallory = PeerId::from_key(key_of(9).public_key());
  RawPeer peer(world, world.internet.add_host("10.0.9.9"), key_of(9), b, RawPeer::Reading::off);
  peer.ask(1, bulk);
  peer.frame({mux::FrameType::window_update, 0, 1, 64u << 20});
  EXPECT_TRUE(peer.send());
  world.rt.run_for(1s);
  b.disconnect(mallory);
  world.rt.run_for(limits::close_time - 100ms);
  EXPECT_EQ(b.connections(mallory).size(), 1u);
  world.rt.run_for(200ms + limits::goodbye_linger);
  EXPECT_TRUE(b.connections(mallory).empty());
}

TEST_F(HostDial, AddressesGivenWithADialAreKeptForGivenLife) {
  const auto nobody = PeerId::from_key(key_of(77).public_key());
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/ip4/10.0.0.77/tcp/4001")};
  const Instant start = world.rt.now();
  EXPECT_FALSE(world.rt.wait(attempt(a.connect(nobody, addresses, world.soon()))));
  world.rt.run_for(limits::given_life - 1s - (world.rt.now() - start));
  EXPECT_EQ(a.known_addresses(nobody).size(), 1u);
  world.rt.run_for(2s);
  EXPECT_TRUE(a.known_addresses(nobody).empty());
}

// Agrees to Noise and then sends what is no answer to a handshake, as a side does that dials, too.
Task<> dial_each_other(net::Listener& listener, Runtime& rt, std::vector<Instant>& ended,
                       std::vector<std::uint16_t>& ports) {
  for (;;) {
    auto raw = co_await listener.accept();
    ports.push_back(raw->remote().port);
    Bytes said = lazy_preamble(protocol::noise);
    append(said, Bytes(34, 0));  // a message of 0 bytes, which no responder sends
    const BytesView part = said;
    co_await raw->write({&part, 1});
    Bytes buffer(4096);
    auto reading = [](net::ByteStream& from, MutBytes into) -> Task<> {
      for (;;) {
        const auto count = co_await from.read_some(into);
        if (count == 0) co_return;
      }
    };
    co_await attempt(reading(*raw, buffer));
    ended.push_back(rt.now());
  }
}

TEST_F(HostDial, ACrossedDialIsRepeatedFromAnotherPortAfterAPause) {
  auto& machine = world.machine(7);
  auto listener = *machine.listen({machine.address(), 4001}, {});
  std::vector<Instant> ended;
  std::vector<std::uint16_t> ports;
  TaskScope scope(world.rt, "crossing");
  scope.spawn(dial_each_other(*listener, world.rt, ended, ports), [](std::optional<Error>) {});
  const auto them = PeerId::from_key(key_of(7).public_key());
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/ip4/10.0.0.7/tcp/4001")};
  EXPECT_FALSE(world.rt.wait(attempt(a.connect(them, addresses, world.soon()))));
  world.rt.run_for(1s);
  ASSERT_EQ(ports.size(), 2u);
  EXPECT_EQ(ports[0], 4001);
  EXPECT_NE(ports[1], 4001);
  const Duration pause = ended[1] - ended[0];
  EXPECT_GE(pause, limits::simultaneous_pause * 3 / 4);
  EXPECT_LE(pause, limits::simultaneous_pause * 5 / 4 + 50ms);  // and some round trips
  world.rt.wait(scope.close());
}

TEST(HostAccept, PausesWhenTheSystemGivesNoMoreSockets) {
  HostWorld world;
  test::NoAccepts poor(world.machine(2));
  world.add(poor, world.options(2));
  world.rt.run_for(10 * limits::accept_pause + 1ms);
  EXPECT_GE(poor.asked, 10);
  EXPECT_LE(poor.asked, 11);
}

}  // namespace
}  // namespace goop::p2p
