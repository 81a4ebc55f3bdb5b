#include "rendezvous/registration/registry.h"

#include <gtest/gtest.h>

namespace goop::rendezvous::registration {
namespace {

using net::mail::Address;

const net::IpAddress home = asio::ip::make_address("198.51.100.7");

class RegistryTest : public ::testing::Test {
 protected:
  static Address address(std::string_view text) { return Address::parse(text).value(); }

  // Whether a mail goes out.
  bool ask(std::string_view email, std::string_view token) {
    const auto asked = registry.ask(address(email), hash_of(token), home, now);
    EXPECT_TRUE(asked);
    EXPECT_EQ(asked->changes.put.size(), asked->mail ? 1u : 0u);
    return asked->mail;
  }
  bool confirm(std::string_view token) {
    auto row = registry.confirmed(hash_of(token), now);
    if (!row) return false;
    registry.put(*std::move(row));
    return true;
  }
  Registry::Standing standing(std::string_view token) {
    return registry.look(hash_of(token), now).standing;
  }
  using enum Registry::Standing;

  Registry registry;
  std::string newest;  // token of a mail that went out
  WallTime now{std::chrono::milliseconds(1'761'000'000'000)};
};

TEST_F(RegistryTest, an_address_counts_once_its_link_was_followed) {
  EXPECT_TRUE(ask("Ann@Example.org", "one"));
  EXPECT_FALSE(registry.holds("ann@example.org", "one"));
  EXPECT_EQ(standing("one"), open);
  now += 1h;
  EXPECT_TRUE(confirm("one"));
  EXPECT_EQ(standing("one"), done);
  EXPECT_TRUE(registry.holds("ann@example.org", "one"));
  EXPECT_TRUE(registry.holds(" ANN@example.ORG", "one"));
  EXPECT_EQ(registry.find("ann@example.org")->verified_ms, to_ms(now));
  EXPECT_EQ(registry.unverified(), 0u);
}

TEST_F(RegistryTest, both_the_address_and_its_token_must_be_right) {
  ask("ann@example.org", "one");
  ask("bob@example.org", "two");
  confirm("one");
  confirm("two");
  EXPECT_FALSE(registry.holds("ann@example.org", "two"));
  EXPECT_FALSE(registry.holds("ann@example.org", ""));
  EXPECT_FALSE(registry.holds("", "one"));
  EXPECT_FALSE(registry.holds("eve@example.org", "one"));
  EXPECT_FALSE(registry.holds("not an address", "one"));
}

TEST_F(RegistryTest, a_link_lives_24_hours) {
  ask("ann@example.org", "one");
  now += limits::link_life - 1ms;
  EXPECT_EQ(standing("one"), open);
  now += 1ms;
  EXPECT_EQ(standing("one"), unknown);
  EXPECT_FALSE(confirm("one"));
  EXPECT_EQ(registry.prune(now).gone, std::vector<std::string>{"ann@example.org"});
  EXPECT_EQ(registry.size(), 0u);
}

TEST_F(RegistryTest, what_is_verified_is_never_pruned) {
  ask("ann@example.org", "one");
  confirm("one");
  now += 1000 * limits::link_life;
  EXPECT_TRUE(registry.prune(now).gone.empty());
  EXPECT_TRUE(registry.holds("ann@example.org", "one"));
  EXPECT_EQ(standing("one"), done);
}

TEST_F(RegistryTest, no_second_mail_goes_out_within_a_minute) {
  EXPECT_TRUE(ask("ann@example.org", "one"));
  now += limits::mail_pauses[0] - 1ms;
  EXPECT_FALSE(ask("ANN@example.org", "two"));
  EXPECT_EQ(standing("one"), open);
  EXPECT_TRUE(ask("bob@example.org", "three"));
  now += 1ms;
  EXPECT_TRUE(ask("ann@example.org", "two"));
  EXPECT_EQ(standing("one"), unknown);  // the newest link counts
  EXPECT_EQ(standing("two"), open);
}

TEST_F(RegistryTest, asking_for_a_verified_address_ends_nothing_until_it_is_confirmed) {
  ask("ann@example.org", "one");
  confirm("one");
  now += 1min;
  EXPECT_TRUE(ask("ann@example.org", "two"));
  EXPECT_FALSE(ask("ann@example.org", "three"));
  EXPECT_TRUE(registry.holds("ann@example.org", "one"));
  EXPECT_FALSE(registry.holds("ann@example.org", "two"));
  now += 1h;
  EXPECT_TRUE(confirm("two"));
  EXPECT_FALSE(registry.holds("ann@example.org", "one"));
  EXPECT_TRUE(registry.holds("ann@example.org", "two"));
  EXPECT_EQ(standing("one"), unknown);

  now += 1h;
  ask("ann@example.org", "four");
  now += limits::link_life;
  EXPECT_FALSE(confirm("four"));
  EXPECT_TRUE(registry.holds("ann@example.org", "two"));
}

TEST_F(RegistryTest, a_clock_that_was_set_back_locks_nobody_out) {
  ask("ann@example.org", "one");
  now -= 1h;
  EXPECT_EQ(standing("one"), open);
  EXPECT_TRUE(ask("ann@example.org", "two"));
}

TEST_F(RegistryTest, the_oldest_of_too_many_unverified_ones_goes) {
  for (std::size_t i = 0; i < limits::unverified; ++i) {
    now += 1ms;
    ask(fmt::format("p{}@example.org", i), fmt::format("token {}", i));
  }
  EXPECT_EQ(registry.unverified(), limits::unverified);
  confirm("token 0");
  const auto asked = registry.ask(address("x@example.org"), hash_of("x"), home, now);
  EXPECT_TRUE(asked->changes.gone.empty());
  const auto more = registry.ask(address("y@example.org"), hash_of("y"), home, now);
  EXPECT_EQ(more->changes.gone, std::vector<std::string>{"p1@example.org"});
  EXPECT_EQ(registry.unverified(), limits::unverified);
  EXPECT_EQ(standing("token 1"), unknown);
  EXPECT_EQ(standing("token 2"), open);
  EXPECT_TRUE(registry.holds("p0@example.org", "token 0"));
}

TEST_F(RegistryTest, has_room_for_so_many_and_gives_none_up_that_is_verified) {
  for (std::size_t i = 0; i < limits::rows; ++i) {
    registry.put({.email = fmt::format("p{}@example.org", i),
                  .token = hash_of(fmt::format("{}", i)),
                  .created_ms = 1,
                  .verified_ms = 2});
  }
  const auto refused = registry.ask(address("ann@example.org"), hash_of("one"), home, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_TRUE(registry.ask(address("p7@example.org"), hash_of("one"), home, now)->mail);
  EXPECT_EQ(registry.size(), limits::rows);
}

TEST_F(RegistryTest, is_listed_the_newest_first) {
  ask("ann@example.org", "one");
  now += 1s;
  ask("bob@example.org", "two");
  const auto list = registry.newest_first();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]->email, "bob@example.org");
}

TEST_F(RegistryTest, the_owner_always_has_a_link_that_works_however_often_strangers_ask) {
  for (int i = 0; i < 500; ++i, now += 10min) {
    const auto next = fmt::format("token {}", i);
    const bool mailed = ask("ann@example.org", next);
    if (mailed) newest = next;
    EXPECT_EQ(standing(newest), open) << i;
    registry.prune(now);
  }
  EXPECT_TRUE(confirm(newest));
}

}  // namespace
}  // namespace goop::rendezvous::registration
