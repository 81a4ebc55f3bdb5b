#include "p2p/protocols/perf/perf.h"

#include <gtest/gtest.h>

#include "testing/streams/stream_world.h"

namespace goop::p2p {
namespace {

struct PerfTest : testing::Test {
  void serve(Stream stream, PerfServerLimits most = {}) {
    world.scope().spawn(serve_perf(std::move(stream), world.runtime(), most, {}),
                        [this](std::optional<Error> error) { served = error; });
  }
  Errc failure_of(Stream stream, PerfRequest request) {
    try {
      world.runtime().wait(run_perf(std::move(stream), world.runtime(), std::move(request)));
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "it should have failed";
    return Errc::internal;
  }

  sim::StreamWorld world{5ms};
  std::optional<Error> served;
};

TEST_F(PerfTest, MovesTheBytesThatWereAskedForBothWays) {
  auto [ours, theirs] = world.open(protocol::perf);
  serve(std::move(theirs));
  PerfCounts last;
  PerfRequest request{.upload = 3'000'000, .download = 5'000'001, .progress = {}};
  request.progress = [&last](const PerfCounts& counts) { last = counts; };
  const PerfReport report =
      world.runtime().wait(run_perf(std::move(ours), world.runtime(), std::move(request)));
  EXPECT_EQ(report.counts.sent, 3'000'000u);
  EXPECT_EQ(report.counts.received, 5'000'001u);
  EXPECT_EQ(last.sent, 3'000'000u);
  EXPECT_EQ(last.received, 5'000'001u);
  EXPECT_GT(report.upload_time, Duration::zero());
  EXPECT_GT(report.download_time, Duration::zero());
  EXPECT_FALSE(served);
}

TEST_F(PerfTest, NothingEitherWayIsOneRoundTrip) {
  auto [ours, theirs] = world.open(protocol::perf);
  serve(std::move(theirs));
  const PerfReport report =
      world.runtime().wait(run_perf(std::move(ours), world.runtime(), PerfRequest{}));
  EXPECT_EQ(report.counts.received, 0u);
  EXPECT_GE(report.first_byte, 10ms);
}

TEST_F(PerfTest, AServerRefusesMoreThanItsCaps) {
  {
    auto [ours, theirs] = world.open(protocol::perf);
    serve(std::move(theirs), {.upload = 1000, .download = 1000});
    EXPECT_EQ(failure_of(std::move(ours), {.upload = 1001, .download = 0, .progress = {}}),
              Errc::closed);
    ASSERT_TRUE(served);
    EXPECT_EQ(served->code, Errc::too_large);
  }
  served.reset();
  auto [ours, theirs] = world.open(protocol::perf);
  serve(std::move(theirs), {.upload = 1000, .download = 1000});
  EXPECT_EQ(failure_of(std::move(ours), {.upload = 0, .download = 1001, .progress = {}}),
            Errc::closed);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->code, Errc::too_large);
}

Task<> answer_with(Stream stream, std::size_t bytes, Deadline by) {
  const Bytes answer(bytes, 1);
  co_await stream.write(answer, by);
  stream.close();
}

TEST_F(PerfTest, AnotherAmountThanAskedForIsNoResult) {
  for (const auto& [answered, verdict] :
       {std::pair{9u, Errc::violation}, std::pair{11u, Errc::too_large}}) {
    auto [ours, theirs] = world.open(protocol::perf);
    const Deadline by = Deadline::after(world.runtime().now(), 10s);
    world.scope().spawn(answer_with(std::move(theirs), answered, by));
    EXPECT_EQ(failure_of(std::move(ours), {.upload = 0, .download = 10, .progress = {}}), verdict);
  }
}

TEST_F(PerfTest, ASilentServerIsGivenUp) {
  auto [ours, theirs] = world.open(protocol::perf);
  EXPECT_EQ(failure_of(std::move(ours), {.upload = 0, .download = 1, .progress = {}}),
            Errc::timeout);
}

}  // namespace
}  // namespace goop::p2p
