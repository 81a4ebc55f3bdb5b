#include "rendezvous/operator/password_check.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "crypto/password.h"
#include "rendezvous/operator/limits.h"
#include "rendezvous/operator/puzzle_test_kit.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

using Verdict = PasswordCheck::Verdict;

// Of "let me in", at a cost that a test can pay a thousand times.
constexpr std::string_view cheap_hash =
    "$argon2id$v=19$m=8,t=1,p=1$spp9GGfNYabJ185keO1t7w$"
    "dX9nlsmWfy+vZXwjSNktmEg9aP0SOmCDpUnb+BQvpjw";

std::string basic(std::string_view pair) { return to_base64(as_bytes(pair)); }

Asker from(std::string_view address) {
  const auto parsed = asio::ip::make_address(address);
  return {parsed, parsed};
}

// The `i`-th of many, each in an IPv4 /24, an IPv6 /48 or a /64 of its own.
Asker one_of_many(unsigned i) {
  if (i % 3 == 0) return from(fmt::format("11.{}.{}.7", i / 256, i % 256));
  const auto wide = i % 3 == 1 ? i : 1, narrow = i % 3 == 1 ? 0 : i;
  const auto client = fmt::format("2001:db8:{:x}:{:x}::", wide, narrow);
  return {asio::ip::make_address(client + "9"), asio::ip::make_address(client)};
}

struct PasswordCheckTest : ::testing::Test {
  Verdict check(std::string password) { return rt.wait(word.check(std::move(password), home)); }
  Verdict check_basic(std::string pair) { return rt.wait(word.check_basic(basic(pair), home)); }
  Verdict check_with_proof(std::string password, Asker asker) {
    const auto challenge = word.challenge();
    asker.proof = solve(challenge.text, challenge.bits);
    return rt.wait(word.check(std::move(password), std::move(asker)));
  }
  void use_up_tries(const Asker& asker) {
    for (std::size_t i = 0; i < limits::admin_tries_per_minute; ++i) {
      EXPECT_EQ(rt.wait(word.check("guess", asker)), Verdict::wrong);
    }
  }

  sim::SimRuntime rt{3};
  Asker home = from("198.51.100.1"), school = from("203.0.113.2");
  PasswordCheck word{rt, std::string(cheap_hash)};
};

TEST_F(PasswordCheckTest, takes_the_right_one_and_no_other) {
  EXPECT_EQ(check("let me in"), Verdict::right);
  EXPECT_EQ(check("let me out"), Verdict::wrong);
  EXPECT_EQ(check(""), Verdict::wrong);
  EXPECT_EQ(check(std::string(cheap_hash)), Verdict::wrong);  // who reads the file has no password
}

TEST_F(PasswordCheckTest, one_in_clear_text_is_hashed_at_the_start) {
  PasswordCheck clear(rt, "hush");
  rt.wait(clear.start());
  EXPECT_EQ(rt.wait(clear.check("hush", home)), Verdict::right);
  EXPECT_EQ(rt.wait(clear.check("hus", home)), Verdict::wrong);
}

TEST_F(PasswordCheckTest, after_five_wrong_ones_a_minute_a_proof_is_asked_for) {
  use_up_tries(home);
  EXPECT_EQ(check("guess"), Verdict::puzzle);
  EXPECT_EQ(check("let me in"), Verdict::puzzle);
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::puzzle);
  EXPECT_EQ(word.hashed(), limits::admin_tries_per_minute);
  EXPECT_EQ(rt.wait(word.check("let me in", school)), Verdict::right);  // others are not to blame
  rt.run_for(12s);
  EXPECT_EQ(check("let me in"), Verdict::right);
}

TEST_F(PasswordCheckTest, with_a_proof_nobody_is_locked_out_by_a_neighbour) {
  use_up_tries(home);
  EXPECT_EQ(check_with_proof("guess", home), Verdict::wrong);
  EXPECT_EQ(check_with_proof("let me in", home), Verdict::right);
  rt.run_for(1min);
  use_up_tries(home);  // a known address now
  EXPECT_EQ(check("let me in"), Verdict::puzzle);
  EXPECT_EQ(check_with_proof("let me in", home), Verdict::right);
}

TEST_F(PasswordCheckTest, a_proof_is_good_for_one_try) {
  const auto challenge = word.challenge();
  home.proof = solve(challenge.text, challenge.bits);
  EXPECT_EQ(check("guess"), Verdict::wrong);
  EXPECT_EQ(check("let me in"), Verdict::puzzle);
  home.proof = "nonsense";
  EXPECT_EQ(check("let me in"), Verdict::puzzle);
}

TEST_F(PasswordCheckTest, strangers_share_their_tries_and_a_known_address_has_its_own) {
  EXPECT_EQ(check("let me in"), Verdict::right);
  unsigned looked_at = 0;
  for (unsigned i = 0; i < 40; ++i) {
    looked_at += rt.wait(word.check("guess", one_of_many(i))) == Verdict::wrong;
  }
  EXPECT_EQ(looked_at, limits::strangers_at_once);
  EXPECT_EQ(rt.wait(word.check("let me in", school)), Verdict::puzzle);
  EXPECT_EQ(check("let me in"), Verdict::right);
  EXPECT_EQ(check_with_proof("let me in", school), Verdict::right);
}

TEST_F(PasswordCheckTest, a_neighbour_in_the_same_network_does_not_use_up_a_known_addresss_tries) {
  auto operators = from("2001:db8:5::1"), pupil = from("2001:db8:5::2");
  operators.client = pupil.client = asio::ip::make_address("2001:db8:5::");  // one /64
  EXPECT_EQ(rt.wait(word.check("let me in", operators)), Verdict::right);
  use_up_tries(pupil);
  EXPECT_EQ(rt.wait(word.check("guess", pupil)), Verdict::puzzle);
  EXPECT_EQ(rt.wait(word.check("let me in", operators)), Verdict::right);
}

TEST_F(PasswordCheckTest, known_addresses_survive_a_restart) {
  testing::TempFolder folder;
  static constexpr std::array steps{store::Migration(create_known_addresses)};
  store::Database database(rt);
  rt.wait(database.open(folder / "peers.db", steps));
  rt.wait(word.load(database));
  EXPECT_EQ(check("let me in"), Verdict::right);

  PasswordCheck next(rt, std::string(cheap_hash));
  rt.wait(next.load(database));
  for (unsigned i = 0; i < 40; ++i) rt.wait(next.check("guess", one_of_many(i)));
  EXPECT_EQ(rt.wait(next.check("let me in", school)), Verdict::puzzle);
  EXPECT_EQ(rt.wait(next.check("let me in", home)), Verdict::right);
  rt.wait(database.close());
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
  EXPECT_EQ(check_basic("admin:let me in"), Verdict::puzzle);
}

TEST_F(PasswordCheckTest, other_users_and_nonsense_are_wrong_and_cost_a_try) {
  EXPECT_EQ(check_basic("root:let me in"), Verdict::wrong);
  EXPECT_EQ(check_basic("let me in"), Verdict::wrong);
  EXPECT_EQ(rt.wait(word.check_basic("AAA", home)), Verdict::wrong);
  EXPECT_EQ(rt.wait(word.check_basic(std::string(100'000, 'A'), home)), Verdict::wrong);
  EXPECT_EQ(word.hashed(), 0u);
  EXPECT_EQ(check(std::string(limits::password_bytes + 1, 'a')), Verdict::wrong);
  EXPECT_EQ(word.hashed(), 0u);
  EXPECT_EQ(check("let me in"), Verdict::puzzle);
}

TEST_F(PasswordCheckTest, the_puzzle_grows_with_wrong_tries_that_solved_one_and_shrinks_again) {
  EXPECT_EQ(word.challenge().bits, limits::puzzle_bits_least);
  for (unsigned i = 0; i < 24; ++i) check_with_proof("guess", school);
  EXPECT_EQ(word.challenge().bits, limits::puzzle_bits_least + 1);
  rt.run_for(10min);
  EXPECT_EQ(word.challenge().bits, limits::puzzle_bits_least);
}

// --- the whole world guesses ---

struct UnderAttack : PasswordCheckTest {
  static constexpr unsigned crowd = 600, solvers = 4;  // attackers; those of them with proofs

  // Tries without end. Their proofs are made beforehand: it is the waiting that is looked at.
  Task<> guess(unsigned i) {
    for (;;) {
      auto asker = one_of_many(i);
      if (i < solvers) {
        const auto challenge = word.challenge();
        asker.proof = solve(challenge.text, challenge.bits);
      }
      const auto verdict = co_await word.check("guess", std::move(asker));
      if (verdict != Verdict::right) co_await rt.sleep_for(i < solvers ? 1s : 200ms);
    }
  }
  // How long the right password took; each time from a network of its own, like a traveller.
  Task<> come(unsigned i) {
    const auto start = rt.now();
    const auto network = asio::ip::address_v4(0xc6000000 + i * 256);
    Asker asker{network, network};
    auto verdict = co_await word.check("let me in", asker);
    for (int round = 0; round < 3 && verdict == Verdict::puzzle; ++round) {
      const auto challenge = word.challenge();
      co_await rt.sleep_for(100ms);  // a browser solves it
      asker.proof = solve(challenge.text, challenge.bits);
      verdict = co_await word.check("let me in", asker);
    }
    if (verdict == Verdict::right) took.push_back(rt.now() - start);
  }

  std::vector<Duration> took;
  sim::SimScope scope{rt};
};

TEST_F(UnderAttack, the_right_password_is_answered_within_a_second_from_anywhere) {
  check("let me in");
  for (unsigned i = 0; i < crowd; ++i) scope.spawn(guess(i));
  rt.run_for(3s);
  const auto before = word.hashed();
  for (unsigned i = 0; i < 10; ++i) {
    scope.spawn(come(i));
    rt.run_for(1s);
    EXPECT_EQ(took.size(), i + 1) << "a traveller waits for more than a second";
    const auto start = rt.now();
    EXPECT_EQ(check("let me in"), Verdict::right);  // from home
    EXPECT_LE(rt.now() - start, 100ms);
  }
  // Two shares of a core at most, at 50 ms each; and what was asked from home.
  EXPECT_LE(word.hashed() - before, 10 * (5 + 2) + 10 + 10);
}

}  // namespace
}  // namespace goop::rendezvous
