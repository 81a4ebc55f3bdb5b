#include <gtest/gtest.h>

#include "p2p/mux/yamux_test_kit.h"

namespace goop::p2p::mux {
namespace {

using test::hex;
using test::Side;
using test::syn;

TEST(YamuxVectors, FramesAreThoseOfTheSpecification) {
  EXPECT_EQ(to_hex(encode(syn(1))), to_hex(hex("00 01 0001 00000001 00000000")));
  EXPECT_EQ(to_hex(encode({FrameType::window_update, flag_ack, 1, 0})),
            to_hex(hex("00 01 0002 00000001 00000000")));
  EXPECT_EQ(to_hex(encode({FrameType::data, 0, 1, 5})),
            to_hex(hex("00 00 0000 00000001 00000005")));
  EXPECT_EQ(to_hex(encode({FrameType::window_update, 0, 1, 131072})),
            to_hex(hex("00 01 0000 00000001 00020000")));
  EXPECT_EQ(to_hex(encode({FrameType::window_update, flag_fin, 1, 0})),
            to_hex(hex("00 01 0004 00000001 00000000")));
  EXPECT_EQ(to_hex(encode({FrameType::window_update, flag_rst, 1, 0x1004})),
            to_hex(hex("00 01 0008 00000001 00001004")));
  EXPECT_EQ(to_hex(encode({FrameType::ping, flag_syn, 0, 7})),
            to_hex(hex("00 02 0001 00000000 00000007")));
  EXPECT_EQ(to_hex(encode({FrameType::go_away, 0, 0, 0})),
            to_hex(hex("00 03 0000 00000000 00000000")));
}

TEST(YamuxSession, Trap08_OpensWithSynAndAcceptsWithExactlyOneAck) {
  Side client(Role::client), server(Role::server);
  auto stream = *client.session->open();
  EXPECT_EQ(stream->id, 1u);
  const auto opening = client.output();
  EXPECT_EQ(to_hex(opening), to_hex(hex("00 01 0001 00000001 00000000")));
  ASSERT_TRUE(server.receive(opening));
  ASSERT_TRUE(server.opened());
  const auto answer = server.output();
  EXPECT_EQ(to_hex(answer), to_hex(hex("00 01 0002 00000001 00000000")));
  ASSERT_TRUE(client.receive(answer));
  EXPECT_EQ(client.session->unacknowledged(), 0u);
  EXPECT_TRUE(server.output().empty());
}

TEST(YamuxSession, DataMayCarrySynAckAndFin) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive({FrameType::data, flag_syn | flag_fin, 1, 3}, as_bytes("abc")));
  auto stream = server.opened();
  ASSERT_TRUE(stream);
  EXPECT_EQ(as_text(stream->inbox.front().view()), "abc");
  EXPECT_TRUE(stream->got_fin);
}

TEST(YamuxSession, AnySplitOfTheInputGivesTheSame) {
  Bytes wire;
  for (const auto& header : {syn(1), FrameHeader{FrameType::data, 0, 1, 5}}) {
    append(wire, BytesView(encode(header)));
  }
  append(wire, "hello");
  append(wire, BytesView(encode({FrameType::data, flag_fin, 1, 0})));
  for (std::size_t split = 0; split <= wire.size(); ++split) {
    Side server(Role::server);
    if (split > 0) ASSERT_TRUE(server.receive(BytesView(wire).first(split)));
    if (split < wire.size()) ASSERT_TRUE(server.receive(BytesView(wire).subspan(split)));
    auto stream = server.opened();
    std::string text;
    for (auto& piece : stream->inbox) text += as_text(piece.view());
    EXPECT_EQ(text, "hello");
    EXPECT_TRUE(stream->got_fin);
  }
}

// Trap 9: only bodies count, and the update comes at half the window.
TEST(YamuxTraps, Trap09_CreditIsRestoredAtHalfTheWindowAndCountsBodiesOnly) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  server.output();
  const Bytes body(limits::initial_window / 4, 1);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        server.receive({FrameType::data, 0, 1, static_cast<std::uint32_t>(body.size())}, {}));
    for (std::size_t sent = 0; sent < body.size(); sent += 60'000) {
      const auto part =
          BytesView(body).subspan(sent, std::min<std::size_t>(60'000, body.size() - sent));
      ASSERT_TRUE(server.receive(part));
    }
  }
  server.session->consume(*stream, body.size(), server.now);
  EXPECT_TRUE(server.frames().empty());
  server.session->consume(*stream, body.size(), server.now);
  const auto frames = server.frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], (FrameHeader{FrameType::window_update, 0, 1, limits::initial_window / 2}));
}

// Trap 8: an ACK is never sent for a stream we opened ourselves.
TEST(YamuxTraps, Trap08_NoAckForOwnStreamsEvenIfThePeerSendsAck) {
  Side client(Role::client);
  auto stream = *client.session->open();
  client.output();
  ASSERT_TRUE(client.receive({FrameType::data, flag_ack, 1, 2}, as_bytes("hi")));
  ASSERT_TRUE(client.receive({FrameType::window_update, flag_ack, 1, 0}));
  EXPECT_TRUE(client.frames().empty());
  EXPECT_EQ(client.session->unacknowledged(), 0u);
}

// Trap 10: js-libp2p aborts on pings with extra flags and on pongs it did not ask for.
TEST(YamuxTraps, Trap10_PongsRepeatTheValueWithTheAckFlagAloneAndComeFirst) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive({FrameType::ping, flag_syn, 0, 7}));
  EXPECT_EQ(to_hex(server.output()), to_hex(hex("00 02 0002 00000000 00000007")));
  ASSERT_TRUE(server.receive({FrameType::ping, flag_ack, 0, 9}));
  EXPECT_TRUE(server.frames().empty());
  EXPECT_FALSE(server.session->rtt());
}

TEST(YamuxSession, APongGivesTheRoundTrip) {
  Side client(Role::client);
  client.session->ping(client.now);
  const auto frames = client.frames();
  client.now += 30ms;
  ASSERT_TRUE(client.receive({FrameType::ping, flag_ack, 0, frames[0].length}));
  EXPECT_EQ(client.session->rtt(), 30ms);
  client.session->ping(client.now);
  EXPECT_FALSE(client.session->ping_overdue(client.now + limits::pong_timeout));
  EXPECT_TRUE(client.session->ping_overdue(client.now + limits::pong_timeout + 1ms));
}

TEST(YamuxAdvisories, CVE_2026_31814_CreditBeyond32BitsIsAViolation) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive(syn(1)));
  const FrameHeader huge{FrameType::window_update, 0, 1, 0xffff'ffff};
  const auto result = server.receive(huge);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::violation);
}

TEST(YamuxAdvisories, CVE_2026_32314_AFirstBodyOneByteOverTheWindowIsAViolation) {
  Side server(Role::server);
  EXPECT_FALSE(server.receive({FrameType::data, flag_syn, 1, limits::initial_window + 1}));
  Side other(Role::server);
  EXPECT_TRUE(other.receive({FrameType::data, flag_syn, 1, limits::initial_window}));
}

TEST(YamuxAdvisories, CVE_2024_32984_PendingRepliesAreBounded) {
  Side server(Role::server);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(server.receive({FrameType::ping, flag_syn, 0, 1}));
  EXPECT_EQ(server.frames().size(), limits::queued_pongs);
  for (std::uint32_t id = 1; !server.session->control_full(); id += 2) {
    ASSERT_TRUE(server.receive(syn(id)));
    ASSERT_LT(id, 4000u);
  }
}

TEST(YamuxSession, WrongParityReuseAndIdZeroAreViolations) {
  Side server(Role::server);
  EXPECT_FALSE(server.receive(syn(2)));
  Side again(Role::server);
  ASSERT_TRUE(again.receive(syn(1)));
  EXPECT_FALSE(again.receive(syn(1)));
  Side zero(Role::server);
  EXPECT_FALSE(zero.receive({FrameType::data, 0, 0, 1}, as_bytes("x")));
  Side ping(Role::server);
  EXPECT_FALSE(ping.receive({FrameType::ping, flag_syn, 3, 1}));
  Side version(Role::server);
  EXPECT_FALSE(version.receive(hex("01 01 0001 00000001 00000000")));
  Side type(Role::server);
  EXPECT_FALSE(type.receive(hex("00 04 0001 00000001 00000000")));
}

TEST(YamuxSession, MoreStreamsThanAllowedAreResetNotFatal) {
  Side server(Role::server, 2);
  for (std::uint32_t id : {1, 3, 5}) ASSERT_TRUE(server.receive(syn(id)));
  const auto frames = server.frames();
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[2], (FrameHeader{FrameType::window_update, flag_rst, 5, 0x1002}));
  EXPECT_EQ(server.session->inbound(), 2u);
}

TEST(YamuxSession, Trap12_OpeningStopsAt256UnacknowledgedStreams) {
  Side client(Role::client);
  for (std::size_t i = 0; i < limits::unacknowledged_opens; ++i)
    ASSERT_TRUE(client.session->open());
  EXPECT_EQ(client.session->open().error().code, Errc::busy);
  ASSERT_TRUE(client.receive({FrameType::window_update, flag_ack, 1, 0}));
  EXPECT_TRUE(client.session->open());
}

TEST(YamuxSession, FramesForStreamsThatAreGoneAreDropped) {
  Side client(Role::client);
  auto stream = *client.session->open();
  client.session->reset(*stream, 0);
  client.output();
  EXPECT_TRUE(client.receive({FrameType::data, 0, 1, 5}, as_bytes("hello")));
  EXPECT_TRUE(client.receive({FrameType::window_update, 0, 1, 5}));
  EXPECT_TRUE(client.receive({FrameType::window_update, flag_rst, 1, 0}));
  EXPECT_TRUE(client.receive({FrameType::ping, flag_syn, 0, 3}));
  EXPECT_EQ(client.frames().size(), 1u);
  EXPECT_EQ(client.session->streams(), 0u);
}

TEST(YamuxSession, DataAfterFinResetsThatStreamAlone) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive({FrameType::data, flag_syn | flag_fin, 1, 0}));
  ASSERT_TRUE(server.receive(syn(3)));
  server.output();
  ASSERT_TRUE(server.receive({FrameType::data, 0, 1, 3}, as_bytes("abc")));
  const auto frames = server.frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].has(flag_rst));
  EXPECT_EQ(server.session->streams(), 1u);
}

TEST(YamuxSession, AClosedStreamDropsInputWithoutCreditAndIsResetAfterAWhile) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  server.output();
  server.session->close(*stream, server.now);
  EXPECT_TRUE(server.frames()[0].has(flag_fin));
  ASSERT_TRUE(server.receive({FrameType::data, 0, 1, 3}, as_bytes("abc")));
  EXPECT_EQ(server.session->unread_bytes(), 0u);
  EXPECT_EQ(stream->receive_window, limits::initial_window - 3);
  server.session->expire(server.now + limits::closing_stream_life);
  EXPECT_TRUE(server.frames().empty());
  server.session->expire(server.now + limits::closing_stream_life + 1s);
  EXPECT_TRUE(server.frames()[0].has(flag_rst));
  EXPECT_EQ(server.session->streams(), 0u);
}

TEST(YamuxSession, AFastReadersWindowGrowsUpToTheCapAndTheSessionsShare) {
  Side server(Role::server);
  server.session->ping(server.now);
  const auto ping = server.frames()[0];
  server.now += 50ms;
  ASSERT_TRUE(server.receive({FrameType::ping, flag_ack, 0, ping.length}));
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  server.output();
  const Bytes body(60'000, 1);
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(server.receive({FrameType::data, 0, 1, 60'000}));
    ASSERT_TRUE(server.receive(body));
    server.session->consume(*stream, body.size(), server.now);
    server.output();
    server.now += 1ms;
  }
  EXPECT_EQ(stream->window, limits::window_most);
  EXPECT_EQ(stream->receive_window + stream->consumed, stream->window);
}

TEST(YamuxSession, ASlowReadersWindowStaysSmall) {
  Side server(Role::server);
  server.session->ping(server.now);
  const auto ping = server.frames()[0];
  server.now += 1ms;
  ASSERT_TRUE(server.receive({FrameType::ping, flag_ack, 0, ping.length}));
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  const Bytes body(60'000, 1);
  for (int i = 0; i < 100; ++i) {
    server.now += 1s;
    ASSERT_TRUE(server.receive({FrameType::data, 0, 1, 60'000}));
    ASSERT_TRUE(server.receive(body));
    server.session->consume(*stream, body.size(), server.now);
    server.output();
  }
  EXPECT_EQ(stream->window, limits::initial_window);
}

TEST(YamuxSession, OneByteFramesDoNotMultiplyMemory) {
  Side server(Role::server);
  ASSERT_TRUE(server.receive(syn(1)));
  auto stream = server.opened();
  const Bytes one(1, 7);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(server.receive({FrameType::data, 0, 1, 1}, one));
  }
  std::size_t kept = 0;
  for (const auto& piece : stream->inbox) kept += piece.footprint();
  EXPECT_EQ(stream->unread, 100'000u);
  EXPECT_LE(kept, 2 * stream->unread);
}

}  // namespace
}  // namespace goop::p2p::mux
