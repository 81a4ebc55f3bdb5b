// The one table of goop.json: loading, checking, `config show`, `config set` and the manual's page
// (docs/user/configuration.md) are all made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "peer/setup/config.h"
#include "peer/setup/config_rules.h"

namespace goop::peer::setup {

using Slot = std::variant<bool*, int*, std::string*, std::vector<std::string>*>;

enum class Applies {
  at_once,  // a running peer takes a changed value over
  at_next_start,
  not_yet,  // kept and checked; what it is for is not built
};

enum class Secrecy { open, secret };  // secret values are shown as "***"

// Under which condition a rule holds; without a check: always.
struct When {
  std::string_view text;
  bool (*holds)(const Config&) = nullptr;
};

struct ConfigKey {
  std::string_view name;  // "presence.ttl_seconds"
  Slot (*slot)(Config&);  // where the value lives
  ConfigValue standard;   // the default; its type is the key's type
  Rule rule;
  Applies applies;
  std::string_view about;  // one line for the manual
  When when = {};
  Secrecy secrecy = Secrecy::open;

  std::string_view section() const { return name.substr(0, name.find('.')); }
  std::string_view member() const { return name.substr(name.find('.') + 1); }
};

std::span<const ConfigKey> config_keys();

// In any case, as the reference program reads them; null: there is no such key.
const ConfigKey* find_config_key(std::string_view name);
bool same_key(std::string_view a, std::string_view b);

// A rule between keys; `key` is the one that is named when it does not hold.
struct CrossRule {
  std::string_view key;
  std::string_view allowed;
  bool (*holds)(const Config&);
};
std::span<const CrossRule> cross_rules();

ConfigValue config_value(const ConfigKey& key, const Config& config);
void set_config_value(const ConfigKey& key, Config& config, const ConfigValue& value);

std::string_view type_name(const ConfigValue& value);  // "text", "number", "true or false", "list"
std::string value_as_json(const ConfigValue& value);
std::string shown_value(const ConfigKey& key, const ConfigValue& value);  // secrets as "***"

// Keys whose values differ: what a running peer has to take over, or to ask a restart for.
std::vector<const ConfigKey*> config_differences(const Config& before, const Config& after);

// The manual's page.
std::string config_docs();

}  // namespace goop::peer::setup
