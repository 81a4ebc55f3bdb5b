// What a value of goop.json may be: a sentence for people and the check behind it.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace goop::peer::setup {

using ConfigValue = std::variant<bool, int, std::string, std::vector<std::string>>;

struct Rule {
  std::string allowed;  // continues "allowed: …"
  std::function<bool(const ConfigValue&)> holds;
};

Rule anything();
Rule not_blank();
Rule from_to(int low, int high);
Rule at_least(int low);
Rule one_of(std::initializer_list<std::string_view> values);
Rule web_address();     // "" or http(s)://host[:port]…
Rule ip_address();      // "" or a literal
Rule network_list();    // CIDR ranges
Rule nats_address();    // "" or see net/nats_servers.h
Rule viewer_address();  // see viewer_address.h
Rule nacl_key();        // "" or 32 bytes in base64

}  // namespace goop::peer::setup
