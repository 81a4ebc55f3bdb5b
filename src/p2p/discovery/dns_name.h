// A DNS name, as it travels: labels with their length in front, and a zero at the end.
//
// Names of multicast DNS are bytes that are compared without regard to ASCII case; ours keep the
// case they came in.
//
// Spec: RFC 1035 3.1, RFC 6762 16.   Limits: limits::dns_*.   Errors: invalid.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p::discovery {

class Name {
 public:
  Name() = default;  // the root

  // "goop-mdns.local." or without the last dot. There is no way to write a dot inside a label.
  static Result<Name> parse(std::string_view text);

  // `label` in front of this name.
  Result<Name> under(std::string_view label) const;

  // The name at `at` of `message`, which then is behind it. Pointers must lead backwards.
  static Result<Name> read(BytesView message, std::size_t& at);

  std::string to_string() const;  // fit for a log
  std::string_view wire() const { return wire_; }
  std::string key() const;  // the same for equal names
  bool operator==(const Name& other) const;

 private:
  explicit Name(std::string wire) : wire_(std::move(wire)) {}

  std::string wire_ = std::string(1, '\0');
};

}  // namespace goop::p2p::discovery
