// To whom mails went of late: nobody's mailbox is filled because strangers type its address.
//
// The first mail to a recipient goes out at once, each further one after a longer pause
// (limits::mail_pauses), whoever asks and from wherever. The longest pause is no longer than a link
// lives, so the owner of the address always has a mail with a link that works. What was sent is
// forgotten some days after the last one. Recipients are kept as hashes.
//
// Pure, in wall time: what is here is on disk and outlives a restart.   Thread: one.
// Limits: limits::recipients, limits::mail_pauses, limits::mails_a_day, limits::recipient_life
#pragma once

#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "net/network.h"
#include "rendezvous/registration/token.h"

namespace goop::rendezvous::registration {

struct Recipient {
  TokenHash address{};  // SHA-256 of the e-mail address
  std::int64_t mails = 0, last_ms = 0;
  std::optional<net::IpAddress> asked_by = {};  // for the last one; not on disk
};

class Recipients {
 public:
  // Whether the pause after the last mail to this one is over.
  bool may_get_one(const TokenHash& address, WallTime now) const;
  // A mail goes out now, asked for by `client`. Returns what is to be written.
  const Recipient& mailed(const TokenHash& address, const net::IpAddress& client, WallTime now);
  // Whether the last one was asked for by `client`.
  bool was_asked_by(const TokenHash& address, const net::IpAddress& client) const;
  // Those that need not be remembered any more, and those for whom there is no room.
  std::vector<TokenHash> prune(WallTime now);

  void put(const Recipient& recipient);  // one from the database
  std::size_t size() const { return all_.size(); }

 private:
  std::unordered_map<TokenHash, Recipient, FirstBytes> all_;
  std::set<std::pair<std::int64_t, TokenHash>> by_time_;  // the longest silent first
};

}  // namespace goop::rendezvous::registration
