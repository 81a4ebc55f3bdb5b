#include "rendezvous/operator/puzzle.h"

#include <gtest/gtest.h>

#include "rendezvous/operator/limits.h"
#include "rendezvous/operator/puzzle_test_kit.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

TEST(ZeroBits, are_counted_from_the_left) {
  // SHA-256("abc") is ba7816bf…, of "286" 00328ce5… (as every implementation says).
  EXPECT_TRUE(has_zero_bits("abc", 0));
  EXPECT_FALSE(has_zero_bits("abc", 1));
  EXPECT_TRUE(has_zero_bits("286", 10));
  EXPECT_FALSE(has_zero_bits("286", 11));
  EXPECT_FALSE(has_zero_bits("286", 257));
}

struct PuzzleTest : ::testing::Test {
  std::string solved(unsigned bits = 4) { return solve(puzzle.challenge(bits), bits); }

  sim::SimRuntime rt{3};
  Puzzle puzzle{rt};
};

TEST_F(PuzzleTest, a_proof_counts_once) {
  const auto proof = solved();
  EXPECT_TRUE(puzzle.redeem(proof));
  EXPECT_FALSE(puzzle.redeem(proof));
  EXPECT_TRUE(puzzle.redeem(solved()));
}

TEST_F(PuzzleTest, another_solution_of_the_same_challenge_is_a_replay) {
  const auto challenge = puzzle.challenge(0);
  EXPECT_TRUE(puzzle.redeem(challenge + ".1"));
  EXPECT_FALSE(puzzle.redeem(challenge + ".2"));
}

TEST_F(PuzzleTest, a_challenge_lives_two_minutes) {
  const auto early = solved(), late = solved();
  rt.run_for(limits::puzzle_life - 1ms);
  EXPECT_TRUE(puzzle.redeem(early));
  rt.run_for(1ms);
  EXPECT_FALSE(puzzle.redeem(late));
}

TEST_F(PuzzleTest, what_is_not_solved_does_not_count) {
  const auto challenge = puzzle.challenge(200);
  EXPECT_FALSE(puzzle.redeem(challenge + ".1"));
  EXPECT_FALSE(puzzle.redeem(challenge));
  EXPECT_FALSE(puzzle.redeem(""));
  const auto easy = puzzle.challenge(0);
  for (const auto* end : {"", ".", ".x", ".-1", "1", ".1 ", ".12345678901234567"}) {
    EXPECT_FALSE(puzzle.redeem(easy + end)) << end;
  }
  EXPECT_FALSE(puzzle.redeem(std::string(100'000, 'A')));
  EXPECT_TRUE(puzzle.redeem(easy + ".1234567890123456"));
}

TEST_F(PuzzleTest, a_challenge_of_somebody_else_or_a_changed_one_does_not_count) {
  Puzzle other(rt);
  EXPECT_FALSE(puzzle.redeem(other.challenge(0) + ".1"));
  const auto challenge = puzzle.challenge(0);
  for (std::size_t i = 0; i < challenge.size(); ++i) {
    auto changed = challenge;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(puzzle.redeem(changed + ".1")) << i;
  }
  EXPECT_TRUE(puzzle.redeem(challenge + ".1"));
}

TEST_F(PuzzleTest, remembers_a_bounded_number_and_lets_none_count_twice) {
  const auto first = puzzle.challenge(0) + ".1";
  const auto kept = puzzle.challenge(0) + ".1";  // as old, and never used
  EXPECT_TRUE(puzzle.redeem(first));
  rt.run_for(1ms);
  for (std::size_t i = 0; i < limits::redeemed_proofs; ++i) {
    EXPECT_TRUE(puzzle.redeem(puzzle.challenge(0) + ".1"));
  }
  EXPECT_EQ(puzzle.redeemed(), limits::redeemed_proofs);
  EXPECT_FALSE(puzzle.redeem(first));
  EXPECT_FALSE(puzzle.redeem(kept));
  rt.run_for(limits::puzzle_life);
  EXPECT_TRUE(puzzle.redeem(puzzle.challenge(0) + ".1"));
  EXPECT_EQ(puzzle.redeemed(), 1u);  // those that nobody could redeem again are forgotten
}

}  // namespace
}  // namespace goop::rendezvous
