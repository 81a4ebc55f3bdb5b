// Whether a password is the operator's.
//
// Argon2id on the pool, one at a time: what many strangers can ask for at once is a short queue,
// not memory. Wrong ones cost their client a try, of which it has a few a minute; when they are
// used up, the right one is refused as well, or a guess would be told from a wrong one.
//
// A right password that came over Basic is remembered by its hash for a while, so that a script
// that asks every second does not cost an Argon2 each time.
//
// Borrows: Runtime.   Thread: loop only.
// Limits: limits::admin_tries_per_minute, password_bytes, password_queue, basic_life
#pragma once

#include "base/keyed_limit.h"
#include "base/signal.h"
#include "crypto/hash.h"
#include "net/network.h"

namespace goop::rendezvous {

class PasswordCheck {
 public:
  // `password` in clear text or as its hash; empty: there is none.
  PasswordCheck(Runtime& runtime, std::string password);

  Task<> start();  // hashes one that is in clear text
  bool on() const { return !password_.empty(); }

  enum class Verdict { right, wrong, too_many_tries, busy };
  Task<Verdict> check(std::string password, net::IpAddress client);
  // `credentials` as they stand behind "Basic " in the Authorization field.
  Task<Verdict> check_basic(std::string credentials, net::IpAddress client);

  std::uint64_t hashed() const { return hashed_; }  // how often Argon2 ran

 private:
  class Turn;
  struct Remembered {
    crypto::Sha256Digest credentials;
    Instant until;
  };
  bool has_tries(const net::IpAddress& client);
  bool is_remembered(const crypto::Sha256Digest& credentials) const;
  Task<Verdict> check_in_turn(std::string password, net::IpAddress client,
                              std::optional<crypto::Sha256Digest> credentials);

  Runtime& runtime_;
  std::string password_;
  KeyedLimit<net::IpAddress> tries_;
  std::optional<Remembered> remembered_;
  bool busy_ = false;
  std::size_t waiting_ = 0;
  std::uint64_t hashed_ = 0;
  Signal free_;
};

}  // namespace goop::rendezvous
