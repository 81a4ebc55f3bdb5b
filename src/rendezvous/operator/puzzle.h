// Proof of work: what a stranger pays for a try at the password while many others try.
//
//   challenge = base64(issued ms, 8 bytes | bits, 1 | nonce, 8 | HMAC-SHA-256, 16): 44 characters
//   proof     = challenge "." counter, where SHA-256(proof) begins with `bits` zero bits
//
// A challenge is dated and signed, so giving one out costs no memory. A proof counts once: which
// ones were redeemed is remembered until they expire; beyond the cap the oldest are forgotten, and
// with them every challenge that is as old. Web pages solve it in web/rendezvous/src/puzzle.ts.
//
// Borrows: Runtime.   Thread: loop only.   Limits: limits::puzzle_life, limits::redeemed_proofs
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/runtime.h"
#include "crypto/hash.h"

namespace goop::rendezvous {

// Whether SHA-256(proof) begins with so many zero bits.
bool has_zero_bits(std::string_view proof, unsigned bits);

class Puzzle {
 public:
  explicit Puzzle(Runtime& runtime) : runtime_(runtime) {}

  std::string challenge(unsigned bits);
  // False: not solved, not ours, too old, or redeemed before.
  bool redeem(std::string_view proof);

  std::size_t redeemed() const { return redeemed_.size(); }

 private:
  struct Challenge {
    std::uint64_t issued_ms, nonce;
    unsigned bits;
  };
  std::uint64_t now_ms() const;
  const Bytes& key();
  std::optional<Challenge> read(std::string_view text);
  void remember(const Challenge& challenge);

  Runtime& runtime_;
  Bytes key_;  // of this run; made when it is first needed
  std::set<std::pair<std::uint64_t, std::uint64_t>> redeemed_;  // issued, nonce
  std::uint64_t oldest_ms_ = 0;  // challenges issued before are refused
};

}  // namespace goop::rendezvous
