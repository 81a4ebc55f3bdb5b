// The caps of mux/limits.h, each reached.
#include <gtest/gtest.h>

#include "p2p/mux/yamux_test_kit.h"
#include "p2p/stream.h"

namespace goop::p2p::mux {
namespace {

using test::Side;
using test::syn;

constexpr int burst_of(double burst, double rate) { return static_cast<int>(burst + rate); }

// What is owed after a burst and a second's worth of frames: that second.
void expect_a_second(Side& side) {
  const double owed = std::chrono::duration<double>(side.session->pause(side.now)).count();
  EXPECT_NEAR(owed, 1, 0.01);
  EXPECT_EQ(side.session->pause(side.now), Duration::zero());
}

TEST(YamuxLimits, Trap41_ABodyWithItsHeaderFillsOneNoiseFrameAndIsUnder64KiB) {
  Side client(Role::client);
  auto stream = *client.session->open();
  const auto header = client.session->begin_body(*stream, 1 << 20);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->length, limits::body_most);
  EXPECT_EQ(header->length + header_bytes, limits::noise_plaintext_bytes);
  EXPECT_LT(header->length, 64u << 10);
}

TEST(YamuxLimits, FramesWithoutUseArePaidForInTime) {
  const auto count = burst_of(limits::control_burst, limits::control_rate);
  for (const FrameHeader& frame :
       {FrameHeader{FrameType::window_update, 0, 77, 1}, FrameHeader{FrameType::data, 0, 77, 0},
        FrameHeader{FrameType::ping, flag_syn, 0, 1}, FrameHeader{FrameType::ping, flag_ack, 0, 1},
        FrameHeader{FrameType::window_update, 0, 1, 0}}) {
    Side server(Role::server);
    ASSERT_TRUE(server.receive(syn(1)));
    for (int i = 0; i < count; ++i) ASSERT_TRUE(server.receive(frame));
    expect_a_second(server);
  }
}

TEST(YamuxLimits, SmallFramesArePaidForInTime) {
  const auto count = burst_of(limits::small_burst, limits::small_rate);
  const Bytes body(limits::small_body - 1);
  for (const bool credit : {false, true}) {
    Side server(Role::server);
    ASSERT_TRUE(server.receive(syn(1)));
    auto stream = server.opened();
    for (int i = 1; i < count; ++i) {  // the first one was the stream's own
      if (credit) {
        ASSERT_TRUE(server.receive({FrameType::window_update, 0, 1, 1}));
        continue;
      }
      const auto size = static_cast<std::uint32_t>(body.size());
      ASSERT_TRUE(server.receive({FrameType::data, 0, 1, size}, body));
      server.session->consume(*stream, body.size(), server.now);
      server.output();
    }
    expect_a_second(server);
  }
}

TEST(YamuxLimits, LargerBodiesAreFree) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  const Bytes body(limits::small_body);
  const auto size = static_cast<std::uint32_t>(body.size());
  for (int i = 0; i < burst_of(limits::small_burst, limits::small_rate); ++i) {
    ASSERT_TRUE(server.receive({FrameType::data, 0, 1, size}, body));
    server.session->consume(*stream, body.size(), server.now);
    server.output();
  }
  EXPECT_EQ(server.session->pause(server.now), Duration::zero());
}

TEST(YamuxLimits, StreamsOpenedAndResetArePaidForInTime) {
  Side server(Role::server);
  for (int i = 0; i < burst_of(limits::churn_burst, limits::churn_rate); ++i) {
    const auto id = static_cast<std::uint32_t>(2 * i + 1);
    ASSERT_TRUE(server.receive(syn(id)));
    ASSERT_TRUE(server.receive({FrameType::window_update, flag_rst, id, 0}));
    server.output();
    server.session->take_events();
  }
  expect_a_second(server);
  EXPECT_EQ(server.session->streams(), 0u);
}

TEST(YamuxLimits, StreamsRefusedByTheHostArePaidForInTime) {
  Side server(Role::server);
  for (int i = 0; i < burst_of(limits::churn_burst, limits::churn_rate); ++i) {
    ASSERT_TRUE(server.receive(syn(static_cast<std::uint32_t>(2 * i + 1))));
    server.session->reset(*server.opened(), static_cast<std::uint32_t>(ResetCode::resource_limit));
    server.output();
  }
  expect_a_second(server);
}

TEST(YamuxLimits, AThousandInboundStreamsAreTakenAndNoMore) {
  Side server(Role::server);
  for (std::uint32_t i = 0; i <= limits::inbound_streams; ++i) {
    ASSERT_TRUE(server.receive(syn(2 * i + 1)));
  }
  EXPECT_EQ(server.session->inbound(), limits::inbound_streams);
  EXPECT_EQ(server.frames().back().flags, flag_rst);
}

TEST(YamuxLimits, CVE_2024_32984_ControlFramesThatCannotGoOutStopReading) {
  Side server(Role::server);
  std::size_t count = 0;
  for (std::uint32_t id = 1; !server.session->control_full(); id += 2, ++count) {
    ASSERT_TRUE(server.receive(syn(id)));  // each is acknowledged, and gone before that went out
    ASSERT_TRUE(server.receive({FrameType::window_update, flag_rst, id, 0}));
    ASSERT_LE(count, limits::queued_control);
  }
  EXPECT_EQ(count, limits::queued_control);
  EXPECT_EQ(server.frames().size(), limits::queued_control);
  EXPECT_FALSE(server.session->control_full());
}

TEST(YamuxLimits, ResetsThatCannotGoOutStopReading) {
  Side server(Role::server, 0);
  for (std::size_t i = 0; i < limits::queued_resets; ++i) {
    EXPECT_FALSE(server.session->control_full());
    ASSERT_TRUE(server.receive(syn(static_cast<std::uint32_t>(2 * i + 1))));
  }
  EXPECT_TRUE(server.session->control_full());
}

}  // namespace
}  // namespace goop::p2p::mux
