#include "p2p/mux/holdings.h"

#include <gtest/gtest.h>

#include "p2p/mux/yamux_test_kit.h"

namespace goop::p2p::mux {
namespace {

using test::Side;
using test::syn;

constexpr std::size_t step = limits::charge_step;

struct HoldingsTest : testing::Test {
  std::size_t most = 1u << 30, total = 0, asked = 0;
  Holdings holdings{[this](std::size_t wanted, Holdings::Use) {
    ++asked;
    if (wanted > total && wanted > most) return false;
    total = wanted;
    return true;
  }};
};

TEST_F(HoldingsTest, charges_in_steps) {
  EXPECT_TRUE(holdings.hold(1));
  EXPECT_EQ(total, step);
  EXPECT_TRUE(holdings.hold(step - 1));
  EXPECT_EQ(asked, 1u);
  EXPECT_TRUE(holdings.hold(1));
  EXPECT_EQ(total, 2 * step);
}

TEST_F(HoldingsTest, gives_back_when_the_slack_is_reached_or_it_is_settled) {
  EXPECT_TRUE(holdings.hold(limits::charge_slack));
  holdings.release(limits::charge_slack - 1);
  EXPECT_EQ(total, limits::charge_slack);
  holdings.release(1);
  EXPECT_EQ(total, 0u);
  EXPECT_TRUE(holdings.hold(1));
  holdings.release(1);
  EXPECT_EQ(total, step);
  holdings.settle();
  EXPECT_EQ(total, 0u);
}

TEST_F(HoldingsTest, data_fills_what_was_promised_before_it_costs_more) {
  EXPECT_TRUE(holdings.promise(4 * step));
  EXPECT_TRUE(holdings.hold(4 * step));
  EXPECT_EQ(total, 4 * step);
  EXPECT_TRUE(holdings.hold(1));
  EXPECT_EQ(total, 5 * step);
}

TEST_F(HoldingsTest, what_is_refused_leaves_it_as_it_was) {
  most = 2 * step;
  EXPECT_TRUE(holdings.hold(step));
  EXPECT_FALSE(holdings.promise(3 * step));
  EXPECT_FALSE(holdings.hold(step + 1));
  EXPECT_EQ(holdings.held(), step);
  EXPECT_EQ(holdings.promised(), 0u);
  EXPECT_EQ(total, step);
}

struct HeldBySession : testing::Test {
  HeldBySession() {
    SessionOptions options;
    options.role = Role::server;
    options.charge = [this](std::size_t wanted, Holdings::Use) {
      if (wanted > total && wanted > most) return false;
      total = wanted;
      return true;
    };
    side.session.emplace(std::move(options));
  }
  Result<void> body(std::uint32_t id, std::size_t size) {
    return side.receive({FrameType::data, 0, id, static_cast<std::uint32_t>(size)}, Bytes(size));
  }

  std::size_t most = 1u << 30, total = 0;
  Side side{Role::server};
};

TEST_F(HeldBySession, unread_data_is_charged_and_given_back_when_it_is_consumed) {
  ASSERT_TRUE(side.receive(syn(1)));
  auto stream = side.opened();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(body(1, 32'000));
  EXPECT_GE(total, 256'000u);
  side.session->consume(*stream, 256'000, side.now);
  side.session->expire(side.now);
  EXPECT_EQ(side.session->holdings().held(), 0u);
  EXPECT_EQ(total, 0u);
}

TEST_F(HeldBySession, data_without_room_ends_the_session_as_busy) {
  most = 2 * step;
  ASSERT_TRUE(side.receive(syn(1)));
  auto stream = side.opened();
  ASSERT_TRUE(body(1, 60'000));
  ASSERT_TRUE(body(1, 60'000));
  const auto third = body(1, 60'000);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Errc::busy);
  EXPECT_LE(total, most);
  side.session->drop_unread();
  EXPECT_EQ(stream->unread, 0u);
}

TEST_F(HeldBySession, a_stream_that_outlives_its_session_stays_charged_until_it_is_gone) {
  ASSERT_TRUE(side.receive(syn(1)));
  auto stream = side.opened();
  ASSERT_TRUE(body(1, 60'000));
  side.session.reset();
  EXPECT_EQ(total, step);
  stream.reset();
  EXPECT_LE(total, step);
}

TEST_F(HeldBySession, a_window_that_may_not_grow_stays_as_it_is) {
  ASSERT_TRUE(side.receive(syn(1)));
  auto stream = side.opened();
  side.session->ping(side.now);
  side.now += 10ms;
  ASSERT_TRUE(side.receive({FrameType::ping, flag_ack, 0, 1}));
  most = 3 * step;  // less than one growth
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(body(1, 60'000));
    side.session->consume(*stream, 60'000, side.now);
    side.output();
  }
  EXPECT_EQ(stream->window, limits::initial_window);
  EXPECT_EQ(side.session->holdings().promised(), 0u);
}

}  // namespace
}  // namespace goop::p2p::mux
