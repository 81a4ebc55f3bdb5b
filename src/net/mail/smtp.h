// One mail to one mail server, over SMTP: TLS from the start on port 465, else STARTTLS.
//
// The password never travels in clear: unless the server is this machine, a connection that does
// not become TLS is given up before anybody has logged in. Certificates are checked against the
// system's roots (or SSL_CERT_FILE, as OpenSSL has it), and the name with them.
//
// Thread: pool: the call waits for the network.   Spec: RFC 5321, 3207, 4954, 8314.
// Errors: unreachable, timeout, closed, busy (4xx): later may work. unverified (no TLS, a wrong
// certificate), forbidden (5xx, or the login), unsupported (no libcurl): it will not. cancelled.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "net/mail/address.h"

namespace goop::net::mail {

struct SmtpServer {
  std::string host;  // a name or an IP address, without brackets
  std::uint16_t port = 587;
  std::string username, password;  // both empty: no login
  Mailbox from;

  // Errors: invalid: what of it cannot be.
  Result<void> check() const;
};

struct Delivery {
  SmtpServer server;
  Address to;
  std::string message;  // composed
  std::chrono::milliseconds time;
};

// Ends within a second when `stop` becomes true.
Result<void> deliver(const Delivery& delivery, const std::atomic<bool>& stop);

// Whether another try may be worth it.
bool is_temporary(const Error& error);

}  // namespace goop::net::mail
