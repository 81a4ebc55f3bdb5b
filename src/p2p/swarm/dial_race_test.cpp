#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/dial_plan.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Error refused{Errc::unreachable, "refused"};

DialRace race(std::initializer_list<Duration> delays) {
  std::vector<DialAttempt> attempts;
  std::uint16_t port = 1;
  for (const auto delay : delays) {
    const net::Endpoint to{ip("8.8.8.8"), port++};
    attempts.push_back({.address = Multiaddr::tcp(to.address, to.port), .to = to, .delay = delay});
  }
  return DialRace(std::move(attempts), at(0s));
}

TEST(DialRace, starts_each_attempt_at_its_time) {
  auto r = race({0ms, 0ms, 250ms, 500ms});
  auto step = r.next(at(0s));
  EXPECT_THAT(step.start, ElementsAre(0, 1));
  EXPECT_EQ(step.again, at(250ms));
  EXPECT_THAT(r.next(at(249ms)).start, IsEmpty());
  EXPECT_THAT(r.next(at(250ms)).start, ElementsAre(2));
  step = r.next(at(501ms));
  EXPECT_THAT(step.start, ElementsAre(3));
  EXPECT_EQ(step.again, std::nullopt);
}

TEST(DialRace, a_failure_that_leaves_nothing_under_way_brings_the_next_forward) {
  auto r = race({0ms, 250ms, 500ms});
  r.next(at(0s));
  r.failed(0, refused);
  const auto step = r.next(at(10ms));
  EXPECT_THAT(step.start, ElementsAre(1));
  EXPECT_EQ(step.again, at(260ms));  // the head start of the one after stays
}

TEST(DialRace, a_failure_beside_a_running_attempt_changes_no_head_start) {
  auto r = race({0ms, 0ms, 250ms});
  r.next(at(0s));
  r.failed(0, refused);
  EXPECT_THAT(r.next(at(10ms)).start, IsEmpty());
}

TEST(DialRace, the_first_success_wins_and_nothing_more_is_started) {
  auto r = race({0ms, 0ms, 250ms});
  r.next(at(0s));
  r.connected(1);
  EXPECT_TRUE(r.over());
  EXPECT_EQ(r.winner(), 1u);
  EXPECT_THAT(r.running(), ElementsAre(0));
  r.connected(0);
  EXPECT_EQ(r.winner(), 1u);
  EXPECT_THAT(r.next(at(1s)).start, IsEmpty());
}

TEST(DialRace, runs_eight_attempts_at_once_and_the_next_when_one_has_ended) {
  auto r = race({0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms});
  EXPECT_THAT(r.next(at(0s)).start, SizeIs(limits::dial_parallel));
  EXPECT_THAT(r.next(at(1s)).start, IsEmpty());
  r.failed(3, refused);
  EXPECT_THAT(r.next(at(2s)).start, ElementsAre(8));
}

TEST(DialRace, is_over_when_all_have_failed_and_says_why_each_did) {
  auto r = race({0ms, 0ms});
  r.next(at(0s));
  r.failed(0, refused);
  EXPECT_FALSE(r.over());
  r.failed(1, {Errc::unverified, "another peer"});
  EXPECT_TRUE(r.over());
  EXPECT_EQ(r.winner(), std::nullopt);
  const Error error = r.error();
  EXPECT_EQ(error.code, Errc::unverified);
  EXPECT_THAT(error.detail, HasSubstr("tcp/1: unreachable: refused"));
  EXPECT_THAT(error.detail, HasSubstr("tcp/2: unverified: another peer"));
}

DialAttempt attempt_at(std::uint16_t port, Duration delay) {
  const net::Endpoint to{ip("8.8.4.4"), port};
  return {.address = Multiaddr::tcp(to.address, to.port), .to = to, .delay = delay};
}

TEST(DialRace, waits_for_attempts_that_are_not_known_yet) {
  DialRace r({}, at(0s), DialRace::Attempts::more_to_come);
  EXPECT_THAT(r.next(at(0s)).start, IsEmpty());
  r.add({attempt_at(1, 0ms)}, at(1s));
  EXPECT_THAT(r.next(at(1s)).start, ElementsAre(0));
  r.failed(0, refused);
  EXPECT_FALSE(r.over());
  r.all_known();
  EXPECT_TRUE(r.over());
}

TEST(DialRace, starts_what_was_added_in_the_order_of_all_turns) {
  auto r = race({0ms, 5s});
  r.next(at(0s));
  r.add({attempt_at(1, 0ms), attempt_at(2, 250ms)}, at(1s));
  EXPECT_THAT(r.next(at(1s)).start, ElementsAre(1));
  EXPECT_EQ(r.attempt(1).to.port, 1);
  EXPECT_EQ(r.next(at(1s)).again, at(1250ms));
  EXPECT_THAT(r.next(at(2s)).start, ElementsAre(2));
  EXPECT_THAT(r.next(at(5s)).start, ElementsAre(3));
}

TEST(DialRace, an_address_that_it_has_is_not_added_again_nor_any_beyond_a_hundred) {
  auto r = race({0ms});
  r.add({r.attempt(0)}, at(1s));
  EXPECT_EQ(r.size(), 1u);
  std::vector<DialAttempt> many;
  for (std::uint16_t port = 1; port < 200; ++port) many.push_back(attempt_at(port, 0ms));
  r.add(std::move(many), at(1s));
  EXPECT_EQ(r.size(), limits::dial_addresses);
}

TEST(DialRace, a_report_about_an_attempt_that_never_ran_changes_nothing) {
  auto r = race({0ms, 250ms});
  r.next(at(0s));
  r.failed(1, refused);
  r.connected(1);
  EXPECT_FALSE(r.over());
  EXPECT_THAT(r.next(at(250ms)).start, ElementsAre(1));
}

}  // namespace
}  // namespace goop::p2p
