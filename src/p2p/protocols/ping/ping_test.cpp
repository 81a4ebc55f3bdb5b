#include "p2p/protocols/ping/ping.h"

#include <gtest/gtest.h>

#include "base/task_scope.h"
#include "testing/p2p/duplex_pipe.h"
#include "testing/sim/sim_runtime.h"
#include "testing/streams/stream_world.h"

namespace goop::p2p {
namespace {

Errc code_of(sim::SimRuntime& runtime, Task<> task) {
  try {
    runtime.wait(std::move(task));
  } catch (const Failure& failure) {
    return failure.code();
  }
  ADD_FAILURE() << "it should have failed";
  return Errc::internal;
}

Task<> drop_ping(Duplex& over, Runtime& runtime, Deadline by) {
  co_await ping_once(over, runtime, by);
}

struct PingTest : testing::Test {
  Deadline soon() { return Deadline::after(runtime.now(), 10s); }

  sim::SimRuntime runtime;
  sim::DuplexPipe pipe{runtime};
};

TEST_F(PingTest, ComesBackAsOftenAsAsked) {
  TaskScope scope(runtime, "test");
  scope.spawn(echo_pings(pipe.b, runtime));
  for (int i = 0; i < 3; ++i) runtime.wait(drop_ping(pipe.a, runtime, soon()));
  pipe.a.end();
  runtime.wait(scope.join());
}

TEST_F(PingTest, Trap11_IsEchoedAfterAHalfClose) {  // interop trap 11
  pipe.a.show_at_most(5);
  const Bytes ping(limits::ping_bytes, 7);
  pipe.b.put(ping);
  pipe.b.put_end();
  runtime.wait(echo_pings(pipe.b, runtime));
  EXPECT_EQ(pipe.a.take(), ping);
}

TEST_F(PingTest, AnEndInsideAPingIsClosed) {
  pipe.b.put(Bytes(limits::ping_bytes - 1, 7));
  pipe.b.put_end();
  EXPECT_EQ(code_of(runtime, echo_pings(pipe.b, runtime)), Errc::closed);
}

TEST_F(PingTest, AnIdleStreamEnds) {
  const Instant start = runtime.now();
  EXPECT_EQ(code_of(runtime, echo_pings(pipe.b, runtime)), Errc::timeout);
  EXPECT_EQ(runtime.now() - start, limits::ping_idle);
}

TEST_F(PingTest, OtherBytesAreAViolation) {
  pipe.a.put(Bytes(limits::ping_bytes, 7));
  EXPECT_EQ(code_of(runtime, drop_ping(pipe.a, runtime, soon())), Errc::violation);
}

TEST_F(PingTest, SilenceIsATimeout) {
  EXPECT_EQ(code_of(runtime, drop_ping(pipe.a, runtime, soon())), Errc::timeout);
}

Task<> ask_and_not_read(Stream& stream, std::size_t count, Deadline by) {
  const Bytes pings(count * limits::ping_bytes, 7);
  co_await stream.write(pings, by);
}

TEST(PingOverStreams, WhoTakesNoAnswerIsLeftAfterAWhile) {
  sim::StreamWorld world(1ms);
  auto [ours, theirs] = world.open(protocol::ping);
  std::optional<Error> why;
  bool over = false;
  world.scope().spawn(serve_ping(std::move(theirs), world.runtime()), [&](std::optional<Error> e) {
    why = e;
    over = true;
  });
  const Deadline by = Deadline::after(world.runtime().now(), 10s);
  // One answer more than the window of a stream.
  world.runtime().wait(ask_and_not_read(ours, 256 * 1024 / limits::ping_bytes + 1, by));
  world.runtime().run_for(limits::ping_write_time - 1s);
  EXPECT_FALSE(over);
  world.runtime().run_for(2s);
  ASSERT_TRUE(over);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, Errc::timeout);
}

TEST(PingOverStreams, MeasuresTheRoundTrip) {
  sim::StreamWorld world(40ms);
  auto [ours, theirs] = world.open(protocol::ping);
  world.scope().spawn(serve_ping(std::move(theirs), world.runtime()));
  const Deadline by = Deadline::after(world.runtime().now(), 10s);
  const Duration rtt = world.runtime().wait(ping_once(ours, world.runtime(), by));
  EXPECT_GE(rtt, 80ms);
  EXPECT_LT(rtt, 81ms);
  ours.close();
  world.runtime().run_for(1s);
}

}  // namespace
}  // namespace goop::p2p
