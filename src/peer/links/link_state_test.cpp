#include "peer/links/link_state.h"

#include <gtest/gtest.h>

namespace goop::peer::links {
namespace {

using Step = LinkState::Step;

struct LinkStateTest : ::testing::Test {
  LinkState state;
  Instant at{1h};
  double chance = 0.5;

  LinkState::Moment now() {
    return {at,
            WallTime(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch())),
            chance};
  }
  LinkState::Refusal refusal(int status, std::optional<Duration> retry_after = {}) {
    return {status, retry_after, "text with 425 and 404 in it"};
  }
  Duration waits() {
    EXPECT_EQ(state.phase(), Phase::waiting);
    return state.due() - at;
  }
  void next_try() {
    at = state.due();
    state.begin(now());
  }
};

TEST_F(LinkStateTest, begins_with_a_websocket) {
  state.begin(now());
  EXPECT_EQ(state.next(), Step::socket);
  EXPECT_EQ(state.phase(), Phase::connecting);
  state.socket_opened(now());
  EXPECT_EQ(state.phase(), Phase::socket);
  EXPECT_TRUE(state.status().error.empty());
}

TEST_F(LinkStateTest, waits_longer_and_longer_up_to_half_a_minute_and_never_less_than_a_quarter) {
  for (const double drawn : {0.0, 0.5, 0.999}) {
    LinkState fresh;
    state = fresh;
    chance = drawn;
    for (int i = 0; i < 40; ++i) {
      state.begin(now());
      state.socket_failed({Errc::unreachable, "nobody"}, now());
      EXPECT_GE(waits(), limits::back_off_least);
      const auto most = i < 7 ? limits::back_off_first * (1 << i) : limits::back_off_most;
      EXPECT_LE(waits(), std::min<Duration>(most, limits::back_off_most));
      at = state.due();
    }
    if (drawn > 0.9) EXPECT_GT(state.status().next_try, now().wall - 1s);
  }
}

TEST_F(LinkStateTest, begins_anew_after_a_link_that_held_but_not_after_one_that_broke_at_once) {
  chance = 0.999;
  for (int i = 0; i < 8; ++i) {
    state.begin(now());
    state.socket_opened(now());
    at += 100ms;
    state.ended(Error{Errc::closed, "gone"}, now());
    at = state.due();
  }
  state.begin(now());
  state.socket_opened(now());
  state.ended(Error{Errc::closed, "gone"}, now());
  EXPECT_GT(waits(), 20s);
  next_try();
  state.socket_opened(now());
  at += limits::settled_after;
  state.ended({}, now());
  EXPECT_LE(waits(), limits::back_off_first);
  EXPECT_EQ(state.status().error, "the server ended the connection");
}

TEST_F(LinkStateTest, introduces_itself_when_it_is_too_early) {
  state.begin(now());
  state.socket_refused(refusal(425), now());
  EXPECT_EQ(state.next(), Step::introduce);
  EXPECT_EQ(state.phase(), Phase::introducing);
  state.introduced(now());
  EXPECT_EQ(state.next(), Step::socket);
}

TEST_F(LinkStateTest, does_not_introduce_itself_for_ever) {
  state.begin(now());
  int introduced = 0;
  for (int i = 0; i < 2 * limits::introductions; ++i) {
    state.socket_refused(refusal(425), now());
    if (state.next() == Step::introduce) {
      ++introduced;
      state.introduced(now());
    }
    if (state.phase() == Phase::waiting) next_try();
  }
  EXPECT_EQ(introduced, 2 * limits::introductions - 1);
  EXPECT_GE(at, Instant(1h) + limits::back_off_least);
  EXPECT_EQ(state.status().error, "the server does not show us");
}

TEST_F(LinkStateTest, listens_to_events_where_there_is_no_websocket) {
  for (const int status : {200, 301, 400, 401, 403, 404, 405, 426, 500, 501}) {
    LinkState fresh;
    state = fresh;
    state.begin(now());
    state.socket_refused(refusal(status), now());
    EXPECT_EQ(state.next(), Step::events) << status;
    state.events_opened(now());
    EXPECT_EQ(state.phase(), Phase::events);
  }
  for (const auto code : {Errc::violation, Errc::closed, Errc::invalid}) {
    state.begin(now());
    state.socket_failed({code, "odd"}, now());
    EXPECT_EQ(state.next(), Step::events);
  }
}

TEST_F(LinkStateTest, waits_where_nobody_is_or_the_certificate_is_wrong) {
  for (const auto code : {Errc::unreachable, Errc::unverified}) {
    state.begin(now());
    state.socket_failed({code, "why"}, now());
    EXPECT_EQ(state.next(), Step::wait);
    EXPECT_NE(state.status().error.find("why"), std::string::npos);
    EXPECT_TRUE(state.status().next_try);
  }
}

TEST_F(LinkStateTest, takes_two_time_outs_or_gateway_errors_for_no_websocket) {
  state.begin(now());
  state.socket_failed({Errc::timeout, "slow"}, now());
  EXPECT_EQ(state.next(), Step::wait);
  next_try();
  state.socket_refused(refusal(502), now());
  EXPECT_EQ(state.next(), Step::events);
  state.events_failed({Errc::unreachable, "gone"}, now());
  EXPECT_EQ(state.next(), Step::wait);
}

TEST_F(LinkStateTest, does_as_retry_after_says) {
  for (const int status : {429, 503}) {
    state.begin(now());
    state.socket_refused(refusal(status, 42s), now());
    EXPECT_GE(waits(), 42s);
    EXPECT_LE(waits(), 42s * 5 / 4);
    state.hurry(now());
    EXPECT_GE(waits(), 42s);
    next_try();
  }
  state.socket_refused(refusal(429), now());
  EXPECT_LE(waits(), limits::back_off_most);
  EXPECT_EQ(parse_retry_after("120"), 120s);
  EXPECT_EQ(parse_retry_after("999999"), limits::retry_after_most);
  for (const auto* bad : {"", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999"}) {
    EXPECT_FALSE(parse_retry_after(bad)) << bad;
  }
  EXPECT_FALSE(parse_retry_after({}));
}

TEST_F(LinkStateTest, hurries_when_the_network_changes) {
  chance = 0.999;
  for (int i = 0; i < 9; ++i) {
    state.begin(now());
    state.socket_failed({Errc::unreachable, "no network"}, now());
    at = state.due() - 25s;
  }
  EXPECT_GT(waits(), 20s);
  state.hurry(now());
  EXPECT_LE(waits(), limits::back_off_first);
}

TEST_F(LinkStateTest, displaced_by_a_twin_it_waits_up_to_five_minutes_and_forgets_it_after_ten) {
  chance = 0;
  std::vector<Duration> all;
  for (int i = 0; i < 6; ++i) {
    state.begin(now());
    state.socket_opened(now());
    at += 1min;
    state.displaced("another computer", now());
    EXPECT_EQ(state.phase(), Phase::waiting);
    all.push_back(waits());
  }
  EXPECT_EQ(all, (std::vector<Duration>{30s, 1min, 2min, 4min, 5min, 5min}));
  state.begin(now());
  state.socket_opened(now());
  at += 10min;
  state.displaced("another computer", now());
  EXPECT_EQ(waits(), 30s);
}

TEST_F(LinkStateTest, who_has_nothing_to_say_listens) {
  state.begin(now());
  state.socket_refused(refusal(425), now());
  state.nothing_to_say(now());
  EXPECT_EQ(state.next(), Step::events);
}

TEST_F(LinkStateTest, says_since_when_and_why) {
  state.begin(now());
  state.socket_opened(now());
  const auto since = now().wall;
  at += 5min;
  state.not_taken("your clock is wrong", 3600s);
  EXPECT_EQ(state.status().since, since);
  EXPECT_EQ(state.status().error, "your clock is wrong");
  EXPECT_EQ(state.status().clock_ahead, 3600s);
  state.taken();
  EXPECT_EQ(state.status().error, "");
  EXPECT_FALSE(state.status().clock_ahead);
  state.stopped(now());
  EXPECT_EQ(state.phase(), Phase::stopped);
}

}  // namespace
}  // namespace goop::peer::links
