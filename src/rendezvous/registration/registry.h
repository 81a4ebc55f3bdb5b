// Who has registered: e-mail addresses, and the hashes of the tokens that prove them.
//
//   ask ──mail──> open link ──confirm──> verified ──ask, mail, confirm──> verified by a new token
//                  └─ 24 h ─> forgotten
//
// Asking again replaces an open link. For a verified address it opens a link beside the token that
// holds, which goes on holding until the new one is confirmed: nobody can end a stranger's
// registration by typing their address. What is asked for is answered the same way whether the
// address is known or not; the only thing kept quiet is that no mail goes out because
// several did (recipients.h).
//
// Pure, in wall time: what is here is on disk and outlives a restart.   Thread: one.
// Limits: limits.h.   Errors: busy: there is no room for another address.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "net/mail/address.h"
#include "net/network.h"
#include "rendezvous/registration/limits.h"
#include "rendezvous/registration/recipients.h"

namespace goop::rendezvous::registration {

struct Row {
  std::string email;  // in the spelling of net::mail::Address
  TokenHash token{};
  std::int64_t created_ms = 0, verified_ms = 0;  // 0: not verified
  std::string metadata = "{}";                   // of the reference program; kept as it is

  struct Link {
    TokenHash token{};
    std::int64_t at_ms = 0;
    bool operator==(const Link&) const = default;
  };
  std::optional<Link> next = {};  // of a verified address: asked for again

  std::optional<net::IpAddress> asked_by = {};  // client; not on disk

  bool verified() const { return verified_ms > 0; }
  bool operator==(const Row&) const = default;
};

// What is to be written.
struct Changes {
  std::vector<Row> put;
  std::vector<std::string> gone;
  std::vector<Recipient> mailed;
  std::vector<TokenHash> silent;  // recipients to be forgotten

  bool empty() const { return put.empty() && gone.empty() && mailed.empty() && silent.empty(); }
};

class Registry {
 public:
  struct Asked {
    bool mail = false;     // false: too soon after the last one
    bool by_same = false;  // which this client had asked for
    Changes changes;
  };
  Result<Asked> ask(const net::mail::Address& email, const TokenHash& token,
                    const net::IpAddress& client, WallTime now);

  enum class Standing { unknown, open, done };
  struct Link {
    Standing standing = Standing::unknown;
    std::string email;
  };
  Link look(const TokenHash& token, WallTime now) const;

  // The row as it is when the link was followed; nothing: there is no such link any more.
  std::optional<Row> confirmed(const TokenHash& token, WallTime now) const;
  void put(Row row);  // that, once it is written; or one from the database

  // Whether a peer that says so is to be shown. `email` as its owner typed it.
  bool holds(std::string_view email, std::string_view token) const;

  void put(const Recipient& recipient) { recipients_.put(recipient); }  // from the database

  Changes prune(WallTime now);  // links that nobody followed, and what else is over

  const Row* find(const std::string& email) const;
  std::vector<const Row*> newest_first() const;
  std::size_t size() const { return rows_.size(); }
  std::size_t unverified() const { return unverified_.size(); }

 private:
  using Rows = std::unordered_map<std::string, Row>;

  void enter(const Row& row);
  void leave(const Row& row);
  std::string drop_oldest();

  Rows rows_;
  std::unordered_map<TokenHash, std::string, FirstBytes> by_token_;
  std::set<std::pair<std::int64_t, std::string>> unverified_;  // the oldest first
  Recipients recipients_;
};

}  // namespace goop::rendezvous::registration
