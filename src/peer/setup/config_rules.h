// What a value of goop.json may be: a sentence for people, the check behind it, and what is used
// instead of a value that breaks the rule but with which the reference program starts all the same.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace goop::peer::setup {

using ConfigValue = std::variant<bool, int, std::string, std::vector<std::string>>;

struct Rule {
  std::string allowed;  // continues "allowed: …"
  std::function<bool(const ConfigValue&)> holds;

  // Returns the value that is used, with a warning, in place of one that breaks the rule. Empty, or
  // nullopt: such a value stops the start.
  std::function<std::optional<ConfigValue>(const ConfigValue&)> substitute = {};
};

Rule anything();
Rule not_blank();
Rule from_to(int low, int high);
Rule at_least(int low);
Rule one_of(std::initializer_list<std::string_view> values);
Rule web_address();     // "" or http(s)://host[:port]…
Rule ip_address();      // "" or a literal
Rule network_list();    // CIDR ranges
Rule user_list();       // login names
Rule nats_address();    // "" or see net/nats_servers.h
Rule viewer_address();  // see viewer_address.h
Rule nacl_key();        // "" or 32 bytes in base64

// The same rule, with a substitute: the value without blanks around it, or always `value`.
Rule or_trimmed(Rule rule);
Rule or_else(Rule rule, ConfigValue value);

}  // namespace goop::peer::setup
