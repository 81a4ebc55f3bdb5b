// Whether a password is the operator's.
//
// Argon2id on the pool, one at a time and at a pace (turns.h): what strangers can ask for at once
// is a short queue and a bounded share of a core. Who may ask for a check:
//
//   known     a login from this very address went well before; a few wrong ones a minute
//   stranger  a few wrong ones a minute for each client, and about one a second for all together
//   solver    anybody else, with a proof of work for each try (puzzle.h)
//
// So whoever guesses keeps nobody out: a neighbour behind the same address, or everybody while the
// whole world guesses, is asked for a proof. Without one a right password is not looked at, or a
// guess would be told from a wrong one.
//
// A right password that came over Basic is remembered by its hash for a while, so that a script
// that asks every second does not cost an Argon2 each time.
//
// Owns: puzzle, turns, known addresses.   Borrows: Runtime.   Thread: loop only.
// Limits: limits.h, "the password" and "the puzzle"
#pragma once

#include "base/keyed_limit.h"
#include "crypto/hash.h"
#include "rendezvous/operator/known_addresses.h"
#include "rendezvous/operator/puzzle.h"
#include "rendezvous/operator/turns.h"

namespace goop::rendezvous {

class PasswordCheck {
 public:
  // `password` in clear text or as its hash; empty: there is none.
  PasswordCheck(Runtime& runtime, std::string password);

  Task<> start();  // hashes one that is in clear text
  Task<> load(store::Database& database) { return known_.load(database); }
  bool on() const { return !password_.empty(); }

  enum class Verdict {
    right,
    wrong,
    puzzle,  // not looked at: come back with a proof for challenge()
    busy,    // too many with a proof wait
  };
  Task<Verdict> check(std::string password, Asker asker);
  // `credentials` as they stand behind "Basic " in the Authorization field.
  Task<Verdict> check_basic(std::string credentials, Asker asker);

  struct Challenge {
    std::string text;
    unsigned bits;
  };
  Challenge challenge();

  std::uint64_t hashed() const { return hashed_; }  // how often Argon2 ran

 private:
  struct Remembered {
    crypto::Sha256Digest credentials;
    Instant until;
  };
  // What counts tries: a known address by itself, so that its neighbours do not use them up.
  net::IpAddress tried_by(const Asker& asker) const;
  bool is_known(const Asker& asker) const { return known_.has(asker.address, runtime_.wall()); }
  bool has_tries(const Asker& asker);
  std::optional<Standing> admit(const Asker& asker);
  bool is_remembered(const crypto::Sha256Digest& credentials) const;
  Task<Verdict> check_in_turn(std::string password, Asker asker,
                              std::optional<crypto::Sha256Digest> credentials);
  Task<bool> hash(std::string password, std::optional<crypto::Sha256Digest> credentials);
  void note_wrong(Standing standing);
  double recently_wrong() const;

  Runtime& runtime_;
  std::string password_;
  KeyedLimit<net::IpAddress> tries_;
  TokenBucket strangers_;
  KnownAddresses known_;
  Puzzle puzzle_;
  Turns turns_;
  std::optional<Remembered> remembered_;
  double wrong_ = 0;  // with a proof; as of wrong_at_, fading
  Instant wrong_at_{};
  std::uint64_t hashed_ = 0;
};

}  // namespace goop::rendezvous
