// Browsers in which the operator has logged in.
//
// A session is two secrets: a cookie, which any program on the same host name sees (cookies ignore
// ports), and a token that the page keeps in its origin's storage and sends in a header, which no
// other page can do unasked. What is read or done needs both; the cookie alone shows the page,
// which holds no data. Only hashes are kept, in memory: a restart of the server ends all sessions.
//
// Borrows: Runtime.   Thread: loop only.
// Limits: limits::operator_sessions, limits::operator_session_life
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/runtime.h"
#include "crypto/hash.h"

namespace goop::rendezvous {

inline constexpr std::string_view operator_cookie = "goop-operator";

enum class OverTls { no, yes };

class OperatorSessions {
 public:
  // With OverTls the cookie is sent back over https alone.
  OperatorSessions(Runtime& runtime, OverTls tls) : runtime_(runtime), tls_(tls) {}

  struct Opened {
    std::string token;       // for the header X-Goop-Session
    std::string set_cookie;  // the value of Set-Cookie
  };
  Opened open();

  // `cookies` as the Cookie field, `token` as the header.
  bool valid(std::string_view cookies, std::string_view token) const;
  bool shows_page(std::string_view cookies) const;

  // Ends the session of `cookies`; gives the value of Set-Cookie that makes the browser forget it.
  std::string close(std::string_view cookies);

  std::size_t size() const { return sessions_.size(); }

 private:
  struct Session {
    crypto::Sha256Digest cookie, token;
    Instant until;
  };
  std::string new_secret();
  std::string cookie_line(std::string_view value, std::chrono::seconds age) const;
  const Session* find(std::string_view cookies) const;

  Runtime& runtime_;
  OverTls tls_;
  std::deque<Session> sessions_;  // the oldest first
};

}  // namespace goop::rendezvous
