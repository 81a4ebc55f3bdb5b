#include "p2p/duplex.h"

#include <gtest/gtest.h>

#include "p2p/limits.h"
#include "p2p/raw_duplex.h"
#include "testing/p2p/duplex_pipe.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

struct DuplexTest : testing::Test {
  Deadline soon() { return Deadline::after(runtime.now(), 1s); }
  Errc code_of(Task<> task) {
    try {
      runtime.wait(std::move(task));
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "it should have failed";
    return Errc::internal;
  }

  sim::SimRuntime runtime;
  sim::DuplexPipe pipe{runtime};
};

Task<> drop_line(Duplex& from, std::size_t max_bytes, Deadline by) {
  co_await read_line(from, max_bytes, by);
}
Task<> drop_prefixed(Duplex& from, std::size_t max_bytes, Deadline by) {
  co_await read_prefixed(from, max_bytes, by);
}
Task<> drop_rest(Duplex& from, std::size_t max_bytes, Deadline by) {
  co_await read_to_end(from, max_bytes, by);
}

TEST_F(DuplexTest, ALineIsReadInEverySplitAndWhatFollowsStays) {
  for (std::size_t shown = 1; shown < 12; ++shown) {
    sim::DuplexPipe split(runtime);
    split.a.show_at_most(shown);
    split.a.put(as_bytes("hello\r\n\nrest"));
    EXPECT_EQ(runtime.wait(read_line(split.a, 6, soon())), "hello\r");
    EXPECT_EQ(runtime.wait(read_line(split.a, 6, soon())), "");
    EXPECT_EQ(to_text(split.a.take()), "rest");
  }
}

TEST_F(DuplexTest, AnEndBeforeALineIsNothingAndInsideALineAFailure) {
  pipe.a.put_end();
  EXPECT_EQ(runtime.wait(read_line(pipe.a, 9, soon())), std::nullopt);
  pipe.b.put(as_bytes("half"));
  pipe.b.put_end();
  EXPECT_EQ(code_of(drop_line(pipe.b, 9, soon())), Errc::closed);
}

TEST_F(DuplexTest, ALineOverItsLimitIsTooLargeBeforeItsEndIsSeen) {
  pipe.a.show_at_most(3);
  pipe.a.put(as_bytes("0123456789"));
  EXPECT_EQ(code_of(drop_line(pipe.a, 8, soon())), Errc::too_large);
}

TEST_F(DuplexTest, PrefixedMessagesComeOutInEverySplit) {
  const Bytes large(300, 7);
  for (const std::size_t shown : {1, 2, 3, 150, 301, 400}) {
    sim::DuplexPipe split(runtime);
    runtime.wait(write_prefixed(split.a, as_bytes("one"), soon()));
    runtime.wait(write_prefixed(split.a, {}, soon()));
    runtime.wait(write_prefixed(split.a, large, soon()));
    split.a.end();
    split.b.show_at_most(shown);
    EXPECT_EQ(runtime.wait(read_prefixed(split.b, 300, soon())), to_bytes("one"));
    EXPECT_EQ(runtime.wait(read_prefixed(split.b, 300, soon())), Bytes{});
    EXPECT_EQ(runtime.wait(read_prefixed(split.b, 300, soon())), large);
    EXPECT_EQ(runtime.wait(read_prefixed(split.b, 300, soon())), std::nullopt);
  }
}

TEST_F(DuplexTest, AnAnnouncedLengthOverTheLimitFailsAtOnce) {
  pipe.a.put(*from_hex("ffff7f"));
  EXPECT_EQ(code_of(drop_prefixed(pipe.a, 1024, soon())), Errc::too_large);
}

TEST_F(DuplexTest, APrefixedMessageThatBreaksOffIsClosed) {
  pipe.a.put(*from_hex("0501"));
  pipe.a.put_end();
  EXPECT_EQ(code_of(drop_prefixed(pipe.a, 1024, soon())), Errc::closed);
}

TEST_F(DuplexTest, ReadToEndStopsAtItsLimit) {
  pipe.a.put(as_bytes("0123"));
  pipe.a.put_end();
  EXPECT_EQ(to_text(runtime.wait(read_to_end(pipe.a, 4, soon()))), "0123");
  pipe.b.put(as_bytes("01234"));
  EXPECT_EQ(code_of(drop_rest(pipe.b, 4, soon())), Errc::too_large);
}

TEST_F(DuplexTest, ExactReadsLeaveTheRest) {
  pipe.a.show_at_most(2);
  pipe.a.put(as_bytes("12345"));
  std::array<std::uint8_t, 3> three{};
  runtime.wait(read_exactly(pipe.a, three, soon()));
  EXPECT_EQ(as_text(three), "123");
  EXPECT_EQ(code_of(read_exactly(pipe.a, three, soon())), Errc::timeout);
}

// A transport that gives what it was told to, then stays silent or ends.
class ScriptedStream final : public net::ByteStream {
 public:
  explicit ScriptedStream(Runtime& runtime) : runtime_(runtime) {}

  Task<std::size_t> read_some(MutBytes into) override {
    largest_read = std::max(largest_read, into.size());
    if (input.empty() && !ended) co_await runtime_.sleep_for(24h);
    const std::size_t count = std::min(input.size(), into.size());
    std::copy_n(input.begin(), count, into.begin());
    input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(count));
    co_return count;
  }
  Task<> write(std::span<const BytesView> parts) override {
    if (stalled) co_await runtime_.sleep_for(24h);
    for (const BytesView part : parts) append(output, part);
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

  Bytes input, output;
  bool ended = false, stalled = false;
  std::size_t largest_read = 0;

 private:
  Runtime& runtime_;
};

struct RawDuplexTest : DuplexTest {
  ScriptedStream stream{runtime};
  RawDuplex raw{runtime, stream};
};

Task<> drop_fill(Duplex& from, Deadline by) { co_await from.fill(by); }

TEST_F(RawDuplexTest, WhatWasReadAheadGoesToTheNextLayer) {
  stream.input = to_bytes("handshake|frames");
  std::array<std::uint8_t, 10> handshake{};
  runtime.wait(read_exactly(raw, handshake, soon()));
  EXPECT_EQ(to_text(raw.release_unread()), "frames");
  EXPECT_TRUE(raw.release_unread().empty());
}

TEST_F(RawDuplexTest, ReadsAreBounded) {
  stream.input.assign(10 * limits::raw_read_bytes, 1);
  const BytesView view = runtime.wait(raw.fill(soon()));
  EXPECT_EQ(view.size(), limits::raw_read_bytes);
  EXPECT_EQ(stream.largest_read, limits::raw_read_bytes);
}

TEST_F(RawDuplexTest, TheEndIsAnEmptyView) {
  stream.ended = true;
  EXPECT_TRUE(runtime.wait(raw.fill(soon())).empty());
}

TEST_F(RawDuplexTest, ASilentOrStalledTransportEndsAtTheDeadline) {
  EXPECT_EQ(code_of(drop_fill(raw, soon())), Errc::timeout);
  stream.stalled = true;
  EXPECT_EQ(code_of(raw.write(as_bytes("x"), soon())), Errc::timeout);
}

TEST_F(RawDuplexTest, WritesArriveInOrder) {
  runtime.wait(raw.write(as_bytes("one "), soon()));
  runtime.wait(raw.write(as_bytes("two"), soon()));
  EXPECT_EQ(to_text(stream.output), "one two");
}

}  // namespace
}  // namespace goop::p2p
