// What a message is about: some bytes that all its readers agree on, a name as a rule.
//
// Limits: limits::topic_bytes.   Errors: invalid (empty), too_large.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p::pubsub {

class Topic {
 public:
  static Result<Topic> parse(std::string_view text);

  const std::string& text() const { return text_; }

  auto operator<=>(const Topic&) const = default;

 private:
  explicit Topic(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace goop::p2p::pubsub

template <>
struct std::hash<goop::p2p::pubsub::Topic> {
  std::size_t operator()(const goop::p2p::pubsub::Topic& topic) const noexcept {
    return std::hash<std::string>{}(topic.text());
  }
};

template <>
struct fmt::formatter<goop::p2p::pubsub::Topic> : fmt::formatter<std::string> {
  auto format(const goop::p2p::pubsub::Topic& topic, format_context& context) const {
    return formatter<std::string>::format(goop::printable(topic.text()), context);
  }
};
