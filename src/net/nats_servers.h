// Where NATS is, and as whom we come: "nats://user:password@host:4222", or several servers of one
// cluster with commas between them. tls:// asks for TLS with a certificate that is checked.
//
// A user without a password is a token. All servers share one pair. Printed without what is secret.
//
// Pure. Errors: invalid, with a text for whoever typed it; it does not repeat the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace goop::net {

class NatsServers {
 public:
  static Result<NatsServers> parse(std::string_view text);

  bool secure() const { return secure_; }
  const std::vector<std::string>& urls() const { return urls_; }  // without user and password
  const std::vector<std::string>& hosts() const { return hosts_; }
  const std::string& user() const { return user_; }  // with an empty password: a token
  const std::string& password() const { return password_; }
  std::string shown() const;

 private:
  bool secure_ = false;
  std::vector<std::string> urls_, hosts_;
  std::string user_, password_;
};

}  // namespace goop::net
