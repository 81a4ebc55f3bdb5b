// One suite for both networks: the simulated one must behave like the real one.
#include <gtest/gtest.h>

#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "net/limits.h"
#include "net/os_network.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net {
namespace {

struct OsWorld {
  OsRuntime rt{1};
  OsNetwork network{rt};
  Network& server() { return network; }
  Network& client() { return network; }
  IpAddress address = asio::ip::address_v4::loopback();

  void run(Task<> task) {
    std::optional<Error> failed;
    TaskScope scope(rt, "test");
    auto by = Deadline::after(rt.now(), 10s);
    scope.spawn(with_deadline(rt, by, "the test", std::move(task)),
                [&failed](std::optional<Error> error) { failed = error; });
    rt.run();
    if (failed) throw Failure(*failed);
  }
};

struct SimWorld {
  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimHost& a = internet.add_host("192.0.2.1");
  sim::SimHost& b = internet.add_host("192.0.2.2");
  Network& server() { return a; }
  Network& client() { return b; }
  IpAddress address = a.address();

  void run(Task<> task) { rt.wait(std::move(task)); }
};

template <class World>
class NetworkTest : public testing::Test {
 protected:
  World world;
};
using Worlds = testing::Types<OsWorld, SimWorld>;
TYPED_TEST_SUITE(NetworkTest, Worlds);

Task<> echo_until_end(Listener& listener) {
  auto stream = co_await listener.accept();
  std::array<std::uint8_t, 4096> buffer;
  for (;;) {
    const auto count = co_await stream->read_some(buffer);
    if (count == 0) break;
    const BytesView part = std::span(buffer).first(count);
    co_await stream->write({&part, 1});
  }
  stream->shutdown_write();
  std::size_t count = 0;
  do {
    count = co_await stream->read_some(buffer);
  } while (count != 0);
}

Task<> talk(Runtime& rt, Network& client, Endpoint to, std::size_t total, std::size_t& received) {
  auto stream = co_await client.connect(to, std::nullopt, Deadline::after(rt.now(), 5s));
  Bytes sent(total, 0x5a);
  TaskScope writer(rt, "writer");
  auto write = [](ByteStream& s, const Bytes& bytes) -> Task<> {
    const std::array<BytesView, 2> parts = {BytesView(bytes).first(1), BytesView(bytes).subspan(1)};
    co_await s.write(parts);
    s.shutdown_write();
  };
  writer.spawn(write(*stream, sent));
  std::array<std::uint8_t, 8192> buffer;
  while (const auto count = co_await stream->read_some(buffer)) received += count;
  co_await writer.close();
}

TYPED_TEST(NetworkTest, BytesComeBackWholeAndTheEndIsSeenByBothSides) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {});
  TaskScope scope(world.rt, "server");
  scope.spawn(echo_until_end(*listener));
  std::size_t received = 0;
  world.run(talk(world.rt, world.client(), listener->local(), 3'000'000, received));
  EXPECT_EQ(received, 3'000'000u);
}

Task<> send_parts(Runtime& rt, Network& client, TaskScope& server, Endpoint to, std::size_t count) {
  auto stream = co_await client.connect(to, std::nullopt, Deadline::after(rt.now(), 5s));
  Bytes bytes(count);
  std::vector<BytesView> parts;
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i);
    parts.push_back(BytesView(bytes).subspan(i, 1));
  }
  co_await stream->write(parts);
  stream->shutdown_write();
  Bytes back;
  std::array<std::uint8_t, 512> buffer;
  for (;;) {
    const auto got = co_await stream->read_some(buffer);
    if (got == 0) break;
    append(back, BytesView(buffer).first(got));
  }
  EXPECT_EQ(back, bytes);
  co_await server.join();
}

TYPED_TEST(NetworkTest, MorePartsThanOneSystemCallTakesArriveInOrder) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {});
  TaskScope scope(world.rt, "server");
  scope.spawn(echo_until_end(*listener));
  const auto count = 2 * limits::gather_parts + 1;
  world.run(send_parts(world.rt, world.client(), scope, listener->local(), count));
}

Task<> count_turns(Runtime& rt, std::size_t& turns) {
  for (;; ++turns) co_await rt.yield();
}

Task<> accept_a_crowd(Runtime& rt, Network& client, Listener& listener, std::size_t& turns) {
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (std::size_t i = 0; i <= limits::accepted_at_once; ++i) {
    const auto by = Deadline::after(rt.now(), 5s);
    streams.push_back(co_await client.connect(listener.local(), std::nullopt, by));
  }
  TaskScope counting(rt, "turns");
  counting.spawn(count_turns(rt, turns));
  streams.push_back(co_await listener.accept());
  const auto before = turns;
  for (std::size_t i = 0; i < limits::accepted_at_once; ++i) {
    streams.push_back(co_await listener.accept());
  }
  turns -= before;
  const auto passed = turns;
  co_await counting.close();
  turns = passed;
}

TYPED_TEST(NetworkTest, AsManyAsWaitAreAcceptedInOneTurn) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {});
  std::size_t turns = 0;
  world.run(accept_a_crowd(world.rt, world.client(), *listener, turns));
  EXPECT_EQ(turns, 0u);
}

Task<> dial(Runtime& rt, Network& client, Endpoint to, std::optional<Error>& error) {
  auto result = co_await attempt(client.connect(to, std::nullopt, Deadline::after(rt.now(), 5s)));
  if (!result) error = result.error();
}

TYPED_TEST(NetworkTest, ARefusedConnectionSaysUnreachable) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {});
  const auto at = listener->local();
  listener->close();
  std::optional<Error> error;
  world.run(dial(world.rt, world.client(), at, error));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::unreachable);
}

TYPED_TEST(NetworkTest, ATakenPortIsAConflict) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {});
  auto second = world.server().listen(listener->local(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
}

// Two peers on one port would divide their visitors between them.
TYPED_TEST(NetworkTest, APortThatIsSharedWithDialsIsTakenForListenersAllTheSame) {
  auto& world = this->world;
  auto listener = *world.server().listen({world.address, 0}, {.reuse_port = true});
  auto second = world.server().listen(listener->local(), {.reuse_port = true});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
}

// Where the other side saw it come from.
Task<> dial_once(OsWorld& world, Listener& to, Endpoint from, Endpoint& seen) {
  const auto by = Deadline::after(world.rt.now(), 5s);
  auto dialled = co_await world.network.connect(to.local(), from, by);
  auto accepted = co_await to.accept();
  seen = accepted->remote();
}

TEST(OsNetwork, ADialLeavesFromAListeningPort) {
  OsWorld world;
  auto ours = *world.network.listen({world.address, 0}, {.reuse_port = true});
  auto theirs = *world.network.listen({world.address, 0}, {});
  Endpoint seen;
  world.run(dial_once(world, *theirs, ours->local(), seen));
  EXPECT_EQ(seen, ours->local());
}

TEST(OsNetwork, APortIsFreeForTheNextListenerWhileDialsFromItLinger) {
  OsWorld world;
  auto ours = *world.network.listen({world.address, 0}, {.reuse_port = true});
  auto theirs = *world.network.listen({world.address, 0}, {});
  const auto port = ours->local();
  Endpoint seen;
  world.run(dial_once(world, *theirs, port, seen));
  ours.reset();
  EXPECT_TRUE(world.network.listen(port, {.reuse_port = true}));
}

TEST(SimNetwork, LatencyAndBandwidthTakeVirtualTime) {
  sim::SimRuntime rt;
  sim::SimInternet internet(rt);
  auto& a = internet.add_host("192.0.2.1", {.latency = 20ms, .bytes_per_second = 1e6});
  auto& b = internet.add_host("192.0.2.2", {.latency = 30ms});
  auto listener = *a.listen({a.address(), 4001}, {});
  TaskScope scope(rt, "server");
  scope.spawn(echo_until_end(*listener));
  std::size_t received = 0;
  rt.wait(talk(rt, b, listener->local(), 1'000'000, received));
  const auto seconds = std::chrono::duration<double>(rt.now().time_since_epoch()).count();
  EXPECT_EQ(received, 1'000'000u);
  EXPECT_NEAR(seconds, 1.0 + 0.2 + 0.1, 0.1);  // a megabyte at a megabyte per second, two trips
}

TEST(SimNetwork, APartitionStallsAndHealingLetsItGoOn) {
  sim::SimRuntime rt;
  sim::SimInternet internet(rt);
  auto& a = internet.add_host("192.0.2.1");
  auto& b = internet.add_host("192.0.2.2");
  std::optional<Error> error;
  internet.partition(a, b);
  rt.wait(dial(rt, b, {a.address(), 4001}, error));
  EXPECT_EQ(error->code, Errc::timeout);
  internet.heal(a, b);
  auto listener = *a.listen({a.address(), 4001}, {});
  TaskScope scope(rt, "server");
  scope.spawn(echo_until_end(*listener));
  std::size_t received = 0;
  rt.wait(talk(rt, b, listener->local(), 10, received));
  EXPECT_EQ(received, 10u);
}

}  // namespace
}  // namespace goop::net
