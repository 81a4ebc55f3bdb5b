#include "rendezvous/operator/password_check.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "crypto/password.h"
#include "rendezvous/operator/limits.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

using Verdict = PasswordCheck::Verdict;

const std::string& known_hash() {
  static const auto hash = crypto::hash_password("let me in");
  return hash;
}

std::string basic(std::string_view pair) { return to_base64(as_bytes(pair)); }

struct PasswordCheckTest : ::testing::Test {
  Verdict check(std::string password) { return rt.wait(word.check(std::move(password), home)); }
  Verdict check_basic(std::string pair) { return rt.wait(word.check_basic(basic(pair), home)); }

  sim::SimRuntime rt{3};
  net::IpAddress home = asio::ip::make_address("198.51.100.1");
  net::IpAddress school = asio::ip::make_address("198.51.100.2");
  PasswordCheck word{rt, known_hash()};
};

TEST_F(PasswordCheckTest, takes_the_right_one_and_no_other) {
  EXPECT_EQ(check("let me in"), Verdict::right);
  EXPECT_EQ(check("let me out"), Verdict::wrong);
  EXPECT_EQ(check(""), Verdict::wrong);
  EXPECT_EQ(check(known_hash()), Verdict::wrong);  // who reads the file has no password yet
}

TEST_F(PasswordCheckTest, one_in_clear_text_is_hashed_at_the_start) {
  PasswordCheck clear(rt, "hush");
  rt.wait(clear.start());
  EXPECT_EQ(rt.wait(clear.check("hush", home)), Verdict::right);
  EXPECT_EQ(rt.wait(clear.check("hus", home)), Verdict::wrong);
}

TEST_F(PasswordCheckTest, five_wrong_ones_a_minute_then_none_is_looked_at) {
  for (std::size_t i = 0; i < limits::admin_tries_per_minute; ++i) {
    EXPECT_EQ(check("guess"), Verdict::wrong);
  }
  EXPECT_EQ(check("guess"), Verdict::too_many_tries);
  EXPECT_EQ(check("let me in"), Verdict::too_many_tries);
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::too_many_tries);
  EXPECT_EQ(word.hashed(), limits::admin_tries_per_minute);
  EXPECT_EQ(rt.wait(word.check("let me in", school)), Verdict::right);  // others are not to blame
  rt.run_for(12s);
  EXPECT_EQ(check("let me in"), Verdict::right);
}

TEST_F(PasswordCheckTest, the_right_one_costs_no_try) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(check_basic("admin:let me in"), Verdict::right);
  EXPECT_EQ(check("let me in"), Verdict::right);
}

TEST_F(PasswordCheckTest, over_basic_it_is_remembered_for_a_while) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(check_basic("admin:let me in"), Verdict::right);
  EXPECT_EQ(word.hashed(), 1u);
  rt.run_for(limits::basic_life);
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::right);
  EXPECT_EQ(word.hashed(), 2u);
}

TEST_F(PasswordCheckTest, a_remembered_one_is_no_way_around_the_tries) {
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::right);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(check_basic("admin:guess"), Verdict::wrong);
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::too_many_tries);
}

TEST_F(PasswordCheckTest, other_users_and_nonsense_are_wrong_and_cost_a_try) {
  EXPECT_EQ(check_basic("root:let me in"), Verdict::wrong);
  EXPECT_EQ(check_basic("let me in"), Verdict::wrong);
  EXPECT_EQ(rt.wait(word.check_basic("AAA", home)), Verdict::wrong);
  EXPECT_EQ(rt.wait(word.check_basic(std::string(100'000, 'A'), home)), Verdict::wrong);
  EXPECT_EQ(word.hashed(), 0u);
  EXPECT_EQ(check(std::string(limits::password_bytes + 1, 'a')), Verdict::wrong);
  EXPECT_EQ(word.hashed(), 0u);
  EXPECT_EQ(check("let me in"), Verdict::too_many_tries);
}

Task<> ask(PasswordCheck& word, net::IpAddress client, std::vector<Verdict>& said) {
  const auto verdict = co_await word.check("guess", client);
  said.push_back(verdict);
}

TEST_F(PasswordCheckTest, a_crowd_is_told_to_come_back_instead_of_filling_the_memory) {
  std::vector<Verdict> said;
  sim::SimScope scope(rt);
  for (unsigned i = 0; i < 40; ++i) {
    scope.spawn(ask(word, asio::ip::address_v4(0xc6336401 + i), said));
  }
  rt.run_for(1s);
  ASSERT_EQ(said.size(), 40u);
  EXPECT_EQ(std::ranges::count(said, Verdict::wrong), 1 + limits::password_queue);
  EXPECT_EQ(std::ranges::count(said, Verdict::busy), 40 - 1 - limits::password_queue);
}

}  // namespace
}  // namespace goop::rendezvous
