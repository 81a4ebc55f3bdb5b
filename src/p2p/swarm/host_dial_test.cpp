// How a whole host reaches peers, and lets go of them.
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/mute_names.h"
#include "testing/hosts/host_world.h"

namespace goop::p2p {
namespace {

using sim::HostWorld;
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

}  // namespace
}  // namespace goop::p2p
