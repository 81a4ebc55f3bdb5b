#include "net/mail/outbox.h"

#include <gtest/gtest.h>

#include "net/mail/limits.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::mail {
namespace {

class OutboxTest : public ::testing::Test {
 protected:
  ~OutboxTest() override { rt.wait(outbox.stop()); }

  static Mail mail(int number = 1) {
    return {Address::parse(fmt::format("ann{}@example.org", number)).value(), "s", "t", "h"};
  }

  Task<> deliver(Mail mail, Deadline by) {
    EXPECT_EQ(by.at, rt.now() + limits::delivery_time);
    times.push_back(rt.now() - start);
    if (takes > Duration::zero()) co_await rt.sleep_for(takes);
    if (fails) throw Failure(*fails);
    sent.push_back(mail.to.text());
  }

  sim::SimRuntime rt{3};
  Instant start = rt.now();
  Duration takes{};
  std::optional<Error> fails;
  std::vector<Duration> times;
  std::vector<std::string> sent;
  Outbox outbox{rt, [this](Mail mail, Deadline by) { return deliver(std::move(mail), by); }};
};

TEST_F(OutboxTest, sends_one_after_the_other) {
  outbox.start();
  takes = 3s;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(outbox.put(mail(i)));
  rt.run_for(10s);
  EXPECT_EQ(sent,
            (std::vector<std::string>{"ann0@example.org", "ann1@example.org", "ann2@example.org"}));
  EXPECT_EQ(times, (std::vector<Duration>{0s, 3s, 6s}));
  EXPECT_EQ(outbox.counters().sent, 3u);
}

TEST_F(OutboxTest, tries_again_where_that_may_help_and_each_time_later) {
  fails = Error{Errc::unreachable, "nobody there"};
  outbox.start();
  outbox.put(mail());
  rt.run_for(1h);
  EXPECT_EQ(times, (std::vector<Duration>{0s, 30s, 150s, 630s}));
  EXPECT_EQ(times.size(), static_cast<std::size_t>(limits::tries));
  EXPECT_EQ(outbox.counters().given_up, 1u);
  EXPECT_EQ(outbox.waiting(), 0u);
}

TEST_F(OutboxTest, a_mail_that_failed_does_not_hold_up_the_next) {
  fails = Error{Errc::timeout, "slow"};
  outbox.start();
  outbox.put(mail(1));
  rt.run_for(1s);
  fails.reset();
  outbox.put(mail(2));
  rt.run_for(1s);
  EXPECT_EQ(sent, std::vector<std::string>{"ann2@example.org"});
  rt.run_for(30s);
  EXPECT_EQ(sent.back(), "ann1@example.org");
}

TEST_F(OutboxTest, does_not_insist_where_the_server_said_no) {
  for (const auto code : {Errc::forbidden, Errc::unverified, Errc::unsupported}) {
    EXPECT_FALSE(is_temporary({code, ""}));
  }
  for (const auto code : {Errc::unreachable, Errc::timeout, Errc::closed, Errc::busy}) {
    EXPECT_TRUE(is_temporary({code, ""}));
  }
  fails = Error{Errc::forbidden, "550 no such user"};
  outbox.start();
  outbox.put(mail());
  rt.run_for(1h);
  EXPECT_EQ(times.size(), 1u);
}

TEST_F(OutboxTest, holds_at_most_so_many) {
  takes = 1s;
  outbox.start();
  for (std::size_t i = 0; i < limits::waiting; ++i) EXPECT_TRUE(outbox.put(mail()));
  EXPECT_FALSE(outbox.put(mail()));
  EXPECT_EQ(outbox.counters().refused, 1u);
  rt.run_for(1500ms);  // one is out, and one on its way
  EXPECT_TRUE(outbox.put(mail()));
  EXPECT_FALSE(outbox.put(mail()));
}

}  // namespace
}  // namespace goop::net::mail
