// An e-mail address that can be written to, in the one spelling by which it is known.
//
// ASCII only and without quotes or comments: what people have and mail servers agree on. Nothing in
// it can end a header line or an SMTP command. Letters are lower case throughout: no provider tells
// Ann@ from ann@, and one person shall not count twice.
//
// Spec: RFC 5321, section 4.1.2 (Dot-string, Domain).   Pure.   Limits: limits.h
// Errors: invalid, with a text for whoever typed it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace goop::net::mail {

class Address {
 public:
  static Result<Address> parse(std::string_view text);  // blanks around it are forgiven

  const std::string& text() const { return text_; }
  std::string_view domain() const;

  bool operator==(const Address&) const = default;

 private:
  explicit Address(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A sender as people write it: "ann@example.org" or "Ann's server <ann@example.org>".
struct Mailbox {
  std::string name;  // UTF-8, one line; may be empty
  Address address;

  static Result<Mailbox> parse(std::string_view text);
};

}  // namespace goop::net::mail

template <>
struct fmt::formatter<goop::net::mail::Address> : fmt::formatter<std::string> {
  auto format(const goop::net::mail::Address& address, format_context& context) const {
    return formatter<std::string>::format(address.text(), context);
  }
};
