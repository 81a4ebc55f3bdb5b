// Whole hosts in a simulated network: TCP, Noise, yamux, identify, policy.
#include "p2p/host.h"

#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "testing/hosts/host_world.h"
#include "testing/sim/sim_lan.h"

namespace goop::p2p {
namespace {

const ProtocolId rare("/test/rare/1.0.0");

using sim::greet;
using sim::HostWorld;
using sim::key_of;

Task<> answer_late(Stream stream, Runtime& rt) {
  const auto by = Deadline::after(rt.now(), 10s);
  co_await read_line(stream, 100, by);
  stream.close();
}

Task<std::string> say(Host& host, PeerId peer, std::string name, Deadline by) {
  std::vector<ProtocolId> protocols = {rare, greet};
  co_return co_await sim::ask_line(host, peer, std::move(protocols), std::move(name), by);
}

TEST(Host, DialsIdentifiesAndOpensStreams) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  const auto info = world.connect(a, b);
  EXPECT_EQ(info.peer, b.id());
  EXPECT_EQ(info.remote.to_string(), "/ip4/10.0.0.2/tcp/4001");
  EXPECT_EQ(world.rt.wait(say(a, b.id(), "early", world.soon())), "hello early");
  world.rt.run_for(1s);
  ASSERT_TRUE(a.facts(b.id()));
  EXPECT_TRUE(a.facts(b.id())->signed_record);
  EXPECT_EQ(world.rt.wait(say(a, b.id(), "lazy", world.soon())), "hello lazy");
  EXPECT_EQ(world.rt.wait(say(b, a.id(), "back", world.soon())), "hello back");
}

TEST(Host, ALazyStreamCostsOneRoundTripAndAnEagerOneTwo) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  world.connect(a, b);
  world.rt.run_for(1s);
  const auto start = world.rt.now();
  world.rt.wait(say(a, b.id(), "lazy", world.soon()));
  EXPECT_LT(world.rt.now() - start, 5ms);  // one round trip is 4 ms
}

TEST(Host, AnUnsupportedProtocolIsSaidSo) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  world.connect(a, b);
  auto open = [&](Duration wait) {
    world.rt.run_for(wait);
    std::vector<ProtocolId> wanted = {rare};
    OpenOptions options{.by = world.soon()};
    auto opening = [](Host& host, PeerId peer, std::vector<ProtocolId> p, OpenOptions o) -> Task<> {
      auto stream = co_await host.open(peer, p, o);
    };
    return world.rt.wait(attempt(opening(a, b.id(), wanted, options))).error().code;
  };
  EXPECT_EQ(open(0s), Errc::unsupported);
  EXPECT_EQ(open(1s), Errc::unsupported);
}

TEST(Host, AHandlerAddedLaterIsPushedToConnectedPeers) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  world.connect(a, b);
  world.rt.run_for(5s);
  EXPECT_EQ(std::ranges::count(a.facts(b.id())->protocols, rare), 0);
  b.handle(rare, [&](Stream s) { return answer_late(std::move(s), world.rt); });
  world.rt.run_for(5s);
  EXPECT_EQ(std::ranges::count(a.facts(b.id())->protocols, rare), 1);
}

// Trap 33: another node lives at the address now.
TEST(HostTraps, Trap33_AWrongPeerIdIsRefusedAndTheAddressForgotten) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  const auto stranger = PeerId::from_key(key_of(9).public_key());
  auto result = world.rt.wait(attempt(a.connect(stranger, b.addresses(), world.soon())));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unverified);
  EXPECT_TRUE(a.known_addresses(stranger).empty());
  world.rt.run_for(1s);
  EXPECT_TRUE(a.connections().empty());
  EXPECT_TRUE(b.connections().empty());
}

TEST(Host, ConcurrentDialsToOnePeerShareOneConnection) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  a.add_addresses(b.id(), b.addresses(), 1h);
  sim::SimScope scope(world.rt);
  int done = 0;
  for (int i = 0; i < 20; ++i) {
    auto greeting = [](Host& host, PeerId peer, Deadline by, int& count) -> Task<> {
      co_await say(host, peer, "x", by);
      ++count;
    };
    scope.spawn(greeting(a, b.id(), world.soon(), done));
  }
  world.rt.run_for(5s);
  EXPECT_EQ(done, 20);
  EXPECT_EQ(a.connections().size(), 1u);
  EXPECT_EQ(a.counters().dials, 1u);
}

TEST(Host, TwoPeersThatDialEachOtherAtOnceEndUpConnected) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  a.add_addresses(b.id(), b.addresses(), 1h);
  b.add_addresses(a.id(), a.addresses(), 1h);
  sim::SimScope scope(world.rt);
  int done = 0;
  auto greeting = [](Host& host, PeerId peer, Deadline by, int& count) -> Task<> {
    co_await say(host, peer, "x", by);
    ++count;
  };
  scope.spawn(greeting(a, b.id(), world.soon(), done));
  scope.spawn(greeting(b, a.id(), world.soon(), done));
  world.rt.run_for(5s);
  EXPECT_EQ(done, 2);
  world.rt.run_for(5min);  // the second connection goes once it was idle
  EXPECT_EQ(a.connections().size(), 1u);
}

TEST(Host, EventsTellOfTheFirstConnectionAndTheLast) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  std::uint64_t cursor = a.events().last();
  world.connect(a, b);
  world.rt.run_for(1s);
  a.disconnect(b.id());
  world.rt.run_for(1s);
  std::string seen;
  for (;;) {
    auto next = a.events().next(cursor);
    if (!next.event) break;
    if (std::get_if<PeerConnected>(&*next.event)) seen += "c";
    if (std::get_if<PeerIdentified>(&*next.event)) seen += "i";
    if (std::get_if<PeerDisconnected>(&*next.event)) seen += "d";
  }
  EXPECT_EQ(seen, "cid");
}

// How each connection that ended did, and whether another process with our key was seen: "o" in
// order, "l" lost, "s" seen.
std::string endings(Host& host, std::uint64_t& cursor) {
  std::string seen;
  for (auto next = host.events().next(cursor); next.event; next = host.events().next(cursor)) {
    if (const auto* gone = std::get_if<PeerDisconnected>(&*next.event)) {
      seen += gone->how == PeerDisconnected::How::lost ? "l" : "o";
    }
    if (std::get_if<SelfSeen>(&*next.event)) seen += "s";
  }
  return seen;
}

TEST(Host, TellsWhetherAConnectionEndedInOrderOrWasLost) {
  HostWorld world;
  auto &here = world.machine(1), &there = world.machine(2);
  auto& a = world.add(here, world.options(1));
  auto& b = world.add(there, world.options(2));
  std::uint64_t of_a = a.events().last(), of_b = b.events().last();
  world.connect(a, b);
  world.rt.run_for(1s);
  a.disconnect(b.id());
  world.rt.run_for(1s);
  EXPECT_EQ(endings(a, of_a), "o");
  EXPECT_EQ(endings(b, of_b), "o");
  world.connect(a, b);
  world.rt.run_for(1s);
  world.internet.cut(here, there);
  world.rt.run_for(1s);
  EXPECT_EQ(endings(a, of_a), "l");
  EXPECT_EQ(endings(b, of_b), "l");
}

TEST(Host, TwoProcessesWithOneKeyLearnOfEachOther) {
  HostWorld world;
  auto& a = world.add(world.machine(1), world.options(1));
  auto& b = world.add(world.machine(2), world.options(1));
  auto& other = world.add(3);
  std::uint64_t of_a = a.events().last(), of_b = b.events().last();
  const auto ask = [&](const Host& whom) {
    return world.rt.wait(attempt(a.look_for_self(whom.addresses().front(), world.soon())));
  };
  EXPECT_FALSE(ask(other));  // somebody else is there
  EXPECT_TRUE(ask(a));       // that is us
  world.rt.run_for(1s);
  EXPECT_EQ(endings(a, of_a), "");
  EXPECT_TRUE(ask(b));
  world.rt.run_for(1s);
  EXPECT_EQ(endings(a, of_a), "s");
  EXPECT_EQ(endings(b, of_b), "s");
  EXPECT_TRUE(a.connections().empty());
}

TEST(Host, AConnectionFromAnAddressThatIsGoneIsEndedSoon) {
  HostWorld world;
  sim::SimLan lan(world.internet);
  auto& machine = world.internet.add_host(std::vector<std::string>{});
  lan.attach(machine, {"10.0.1.1/24"});
  auto& a = world.add(machine, world.options(1));
  auto& b = world.add(2);
  world.connect(a, b);
  world.rt.run_for(1min);
  std::uint64_t cursor = a.events().last();
  lan.detach(machine);
  lan.attach(machine, {"10.0.1.9/24"});
  world.rt.run_for(limits::interfaces_settle + 100ms);
  EXPECT_EQ(endings(a, cursor), "l");
}

TEST(Host, TheGaterIsAskedAtEachStep) {
  HostWorld world;
  auto& b = world.add(2);
  auto options = world.options(1);
  options.gater.may_dial = [](const PeerId&, const Multiaddr&) { return false; };
  auto& no_dials = world.add(world.machine(1), std::move(options));
  EXPECT_FALSE(world.rt.wait(attempt(no_dials.connect(b.id(), b.addresses(), world.soon()))));
  auto closed = world.options(3);
  closed.gater.may_accept = [](const Multiaddr&) { return false; };
  auto& no_accepts = world.add(world.machine(3), std::move(closed));
  EXPECT_FALSE(
      world.rt.wait(attempt(b.connect(no_accepts.id(), no_accepts.addresses(), world.soon()))));
  auto picky = world.options(4);
  picky.gater.may_keep = [](const PeerId&, const Multiaddr&) { return false; };
  auto& no_keeps = world.add(world.machine(4), std::move(picky));
  (void)world.rt.wait(attempt(b.connect(no_keeps.id(), no_keeps.addresses(), world.soon())));
  world.rt.run_for(1s);
  EXPECT_FALSE(b.connected(no_keeps.id()));
}

TEST(Host, AnUnreachablePeerSaysWhichAddressesWereTried) {
  HostWorld world;
  auto& a = world.add(1);
  const auto nobody = PeerId::from_key(key_of(9).public_key());
  world.machine(7);
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/ip4/10.0.0.7/tcp/4001")};
  const auto result = world.rt.wait(attempt(a.connect(nobody, addresses, world.soon())));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unreachable);
  EXPECT_NE(result.error().detail.find("/ip4/10.0.0.7/tcp/4001"), std::string::npos);
}

TEST(Host, NamesAreResolvedAndDnsaddrFollowed) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  world.internet.set_name("peer.example", {asio::ip::make_address("10.0.0.2")});
  world.internet.set_txt("_dnsaddr.boot.example",
                         {fmt::format("dnsaddr=/dns4/peer.example/tcp/4001/p2p/{}", b.id())});
  const std::vector<Multiaddr> addresses = {*Multiaddr::parse("/dnsaddr/boot.example")};
  EXPECT_EQ(world.rt.wait(a.connect(b.id(), addresses, world.soon())).peer, b.id());
}

// Slow loris: a connection that says nothing costs a bounded time and delays nobody.
TEST(Host, SilentConnectionsAreCutAfterTheHandshakeDeadline) {
  HostWorld world;
  auto& b = world.add(2);
  auto& attacker = world.internet.add_host("10.0.9.9");
  std::vector<std::unique_ptr<net::ByteStream>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(world.rt.wait(
        attacker.connect({asio::ip::make_address("10.0.0.2"), 4001}, std::nullopt, world.soon())));
  }
  auto& a = world.add(1);
  world.connect(a, b);
  EXPECT_EQ(world.rt.wait(say(a, b.id(), "still served", world.soon())), "hello still served");
  world.rt.run_for(20s);
  std::array<std::uint8_t, 16> buffer;
  for (auto& stream : silent) {
    auto reading = attempt(stream->read_some(buffer));
    const auto end = world.rt.wait(std::move(reading));
    EXPECT_TRUE(!end || *end == 0);
  }
  EXPECT_EQ(b.connections().size(), 1u);
}

TEST(Host, TenThousandConnectsFromOneAddressDoNotKeepOthersOut) {
  HostWorld world;
  auto& b = world.add(2);
  auto& attacker = world.internet.add_host("10.0.9.9");
  std::vector<std::unique_ptr<net::ByteStream>> held;
  for (int i = 0; i < 10'000; ++i) {
    auto connecting = attempt(
        attacker.connect({asio::ip::make_address("10.0.0.2"), 4001}, std::nullopt, world.soon()));
    if (auto stream = world.rt.wait(std::move(connecting))) held.push_back(std::move(*stream));
  }
  EXPECT_GT(b.counters().refused, 9'000u);
  auto& a = world.add(1);
  world.connect(a, b);
  EXPECT_EQ(world.rt.wait(say(a, b.id(), "me", world.soon())), "hello me");
}

TEST(Host, StreamsBeyondAProtocolsLimitAreRefused) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  b.handle(rare, [&](Stream s) -> Task<> { return answer_late(std::move(s), world.rt); },
           {.per_peer = 3, .total = 5});
  world.connect(a, b);
  world.rt.run_for(3s);
  std::vector<Stream> open;
  auto opening = [](Host& host, PeerId peer, Deadline by, std::vector<Stream>& into) -> Task<> {
    std::vector<ProtocolId> wanted = {rare};
    OpenOptions options{.by = by};
    auto stream = co_await host.open(peer, wanted, options);
    co_await stream.write(as_bytes("no newline yet"), by);
    into.push_back(std::move(stream));
  };
  for (int i = 0; i < 5; ++i) world.rt.wait(opening(a, b.id(), world.soon(), open));
  world.rt.run_for(1s);
  EXPECT_EQ(b.counters().streams_refused, 2u);
}

TEST(HostTraps, Trap37ALazyRefusalCorrectsWhatIdentifySaid) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  b.handle(rare, [&](Stream s) { return answer_late(std::move(s), world.rt); });
  world.connect(a, b);
  world.rt.run_for(3s);
  b.unhandle(rare);  // the push is on its way only in a second
  const auto first = world.rt.wait(attempt(say(a, b.id(), "lazy", world.soon())));
  EXPECT_EQ(first.error().code, Errc::unsupported);
  EXPECT_EQ(world.rt.wait(say(a, b.id(), "again", world.soon())), "hello again");
}

TEST(Host, ARecordsSequenceNeverGoesBackAcrossRuns) {
  HostWorld world;
  auto options = world.options(1);
  const std::uint64_t future = 9'000'000'000'000'000'000ull;
  options.min_record_seq = future;
  auto& a = world.add(world.machine(1), std::move(options));
  auto& b = world.add(2);
  world.connect(a, b);
  world.rt.run_for(1s);
  EXPECT_GT(a.record_seq(), future);
}

TEST(Host, ManyHostsSurviveRandomlyCutConnections) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    HostWorld world(seed);
    for (std::uint8_t n = 1; n <= 8; ++n) world.add(n);
    for (int round = 0; round < 10; ++round) {
      for (int pair = 0; pair < 8; ++pair) {
        auto& from = *world.hosts[world.rt.random_below(8)];
        auto& to = *world.hosts[world.rt.random_below(8)];
        if (&from == &to) continue;
        from.forget_failures(to.id());
        auto connecting = attempt(from.connect(to.id(), to.addresses(), world.soon()));
        EXPECT_TRUE(world.rt.wait(std::move(connecting)));
      }
      world.internet.cut_some(0.5);
      world.rt.run_for(Duration(world.rt.random_below(3'000'000'000)));
    }
  }
}

TEST(Host, AConnectionStaysForTenIdleMinutes) {
  HostWorld world;
  auto& a = world.add(1);
  auto& b = world.add(2);
  const auto first = world.connect(a, b);
  world.rt.run_for(10min);
  ASSERT_EQ(a.connections().size(), 1u);
  EXPECT_EQ(a.connections().front().id, first.id);
  EXPECT_TRUE(world.rt.wait(a.ping(b.id(), world.soon())) < 10ms);
}

}  // namespace
}  // namespace goop::p2p
