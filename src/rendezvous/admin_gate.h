// Who is the operator: HTTP Basic, user `admin`, with the password of goop.json.
//
// Compared in constant time, a few tries a minute for each client.
// Thread: loop only.   Limits: limits::admin_tries_per_minute
#pragma once

#include "net/http/message.h"
#include "net/network.h"
#include "rendezvous/budgets.h"

namespace goop::rendezvous {

class AdminGate {
 public:
  explicit AdminGate(std::string password);

  enum class Verdict { allowed, switched_off, unknown, too_many_tries };
  Verdict ask(const net::http::Request& request, const net::IpAddress& client, Instant now);

 private:
  std::string expected_;  // the whole value of the Authorization field's credentials
  bool on_;
  Budgets<net::IpAddress> tries_;
};

}  // namespace goop::rendezvous
