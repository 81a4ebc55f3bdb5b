#include "rendezvous/registration/recipients.h"

#include <gtest/gtest.h>

#include "rendezvous/registration/limits.h"

namespace goop::rendezvous::registration {
namespace {

struct RecipientsTest : ::testing::Test {
  bool mail(std::string_view email) {
    const auto address = hash_of(email);
    if (!recipients.may_get_one(address, now)) return false;
    recipients.mailed(address, home, now);
    return true;
  }
  int mails_of(Duration span) {
    int count = 0;
    for (const auto end = now + span; now < end; now += 1min) count += mail("ann@example.org");
    return count;
  }

  Recipients recipients;
  net::IpAddress home = asio::ip::make_address("198.51.100.7");
  WallTime now{std::chrono::milliseconds(1'761'000'000'000)};
};

TEST_F(RecipientsTest, pauses_grow_to_a_day) {
  for (const auto pause : limits::mail_pauses) {
    EXPECT_TRUE(mail("ann@example.org"));
    now += pause - 1ms;
    EXPECT_FALSE(mail("ann@example.org"));
    now += 1ms;
  }
  EXPECT_TRUE(mail("ann@example.org"));
  EXPECT_TRUE(mail("bob@example.org"));  // others do not wait
}

TEST_F(RecipientsTest, no_day_has_more_mails_than_the_cap) {
  EXPECT_EQ(mails_of(24h), static_cast<int>(limits::mails_a_day));
  for (int day = 0; day < 10; ++day) EXPECT_LE(mails_of(24h), 1);
}

TEST_F(RecipientsTest, what_was_sent_is_forgotten_after_a_week_of_silence) {
  mails_of(24h);
  now += limits::recipient_life;
  const auto gone = recipients.prune(now);
  EXPECT_EQ(gone, std::vector{hash_of("ann@example.org")});
  EXPECT_EQ(recipients.size(), 0u);
  EXPECT_EQ(mails_of(24h), static_cast<int>(limits::mails_a_day));
}

TEST_F(RecipientsTest, a_bounded_number_is_remembered_and_the_longest_silent_goes) {
  for (std::size_t i = 0; i <= limits::recipients; ++i) {
    now += 1ms;
    mail(fmt::format("p{}@example.org", i));
  }
  EXPECT_EQ(recipients.prune(now), std::vector{hash_of("p0@example.org")});
  EXPECT_EQ(recipients.size(), limits::recipients);
  EXPECT_FALSE(mail("p1@example.org"));
}

TEST_F(RecipientsTest, a_clock_that_was_set_back_locks_nobody_out) {
  EXPECT_TRUE(mail("ann@example.org"));
  now -= 1h;
  EXPECT_TRUE(mail("ann@example.org"));
}

TEST_F(RecipientsTest, remembers_who_asked_for_the_last_one) {
  EXPECT_FALSE(recipients.was_asked_by(hash_of("ann@example.org"), home));
  mail("ann@example.org");
  EXPECT_TRUE(recipients.was_asked_by(hash_of("ann@example.org"), home));
  EXPECT_FALSE(recipients.was_asked_by(hash_of("ann@example.org"), asio::ip::make_address("::1")));
}

}  // namespace
}  // namespace goop::rendezvous::registration
