// Who has logged in: browsers with a session, the command line with its token.
//
// A start link carries a login secret that works once, and for a day. Spending it opens a session
// of two secrets: a cookie, which other programs on 127.0.0.1 can see (cookies ignore ports), and a
// token that the page keeps in its origin's storage and sends in a header, which they cannot. Both
// are needed. Only hashes are kept; they live 30 days and survive a restart through `Store`.
//
// Thread: loop only.   Limits: limits::sessions, login_secrets, login_attempts_*.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/rate_limit.h"
#include "base/runtime.h"
#include "crypto/hash.h"
#include "p2p/multi/peer_id.h"

namespace goop::viewer {

class Sessions {
 public:
  struct Store {
    std::string content;                    // what save was last given, in an earlier run; or none
    std::function<void(std::string)> save;  // keeps it, 0600; may be empty
  };
  Sessions(Runtime& runtime, const p2p::PeerId& peer, std::string control_token, Store store);

  enum class Life { start_link, short_link };  // for a day, or for some minutes
  std::string new_login_secret(Life life);

  struct Opened {
    std::string token;       // for the header X-Goop-Session
    std::string set_cookie;  // the value of Set-Cookie
  };
  // Errors: forbidden (used, too old, never made), busy (too many attempts).
  Result<Opened> login(std::string_view secret);

  // `cookies` is the Cookie field, `token` the header's.
  bool valid(std::string_view cookies, std::string_view token) const;

  // `authorization` as the field of that name.
  bool is_control(std::string_view authorization) const;

  std::size_t count() const { return sessions_.size(); }
  const std::string& cookie_name() const { return cookie_name_; }

 private:
  struct Login {
    crypto::Sha256Digest secret;
    Instant until;
  };
  struct Session {
    crypto::Sha256Digest cookie, token;
    std::int64_t opened;  // seconds since 1970
  };
  std::string new_secret();
  void load(std::string_view text);
  void save() const;
  bool alive(const Session& session) const;

  Runtime& runtime_;
  std::string cookie_name_;
  crypto::Sha256Digest control_{};
  bool has_control_;
  std::function<void(std::string)> keep_;
  std::deque<Login> logins_;
  std::deque<Session> sessions_;
  TokenBucket attempts_;
};

}  // namespace goop::viewer
