// Who is the operator: a browser that has logged in, or a script with HTTP Basic, user `admin`.
//
// What a session asks for carries its cookie and, in X-Goop-Session, its token. What it changes
// also comes from a page of ours (exact Origin) as application/json. Basic is for programs: a
// browser sends remembered credentials along unasked, so where something is changed Basic counts
// only without the fields that browsers add.
//
// Thread: loop only.   Borrows: Runtime.   Limits: operator/limits.h
#pragma once

#include "net/http/message.h"
#include "rendezvous/operator/password_check.h"
#include "rendezvous/operator/sessions.h"

namespace goop::rendezvous {

class AdminGate {
 public:
  // `password` in clear text or as its hash; empty: there is no operator. `external_url` as in
  // Options.
  AdminGate(Runtime& runtime, std::string password, std::string external_url);

  Task<> start() { return password_.start(); }
  Task<> load(store::Database& database) { return password_.load(database); }
  bool on() const { return password_.on(); }

  enum class Verdict { session, basic, switched_off, unknown, puzzle, busy };
  Task<Verdict> ask(const net::http::Request& request, Asker asker);
  // What one to whom `puzzle` is said has to solve.
  PasswordCheck::Challenge challenge() { return password_.challenge(); }
  // Of one whom ask() knows.
  bool may_act(const net::http::Request& request, Verdict verdict) const;
  // The page without its data.
  bool shows_page(const net::http::Request& request) const;

  using Login = std::variant<OperatorSessions::Opened, PasswordCheck::Verdict>;
  Task<Login> login(std::string password, Asker asker);
  std::string logout(const net::http::Request& request);  // the value of Set-Cookie

 private:
  bool is_own_page(const net::http::Request& request) const;

  std::string external_origin_;
  PasswordCheck password_;
  OperatorSessions sessions_;
};

}  // namespace goop::rendezvous
