// goop.json as a file: its text, the values that follow from it, and everything wrong with it.
//
// Reading never stops at the first mistake: each wrong value is named with line, key, what was
// found and what is allowed, and the key keeps its default meanwhile. Whether a file with problems
// may be used is the caller's choice: a start refuses it, `config set` mends it.
//
// Thread: any, one at a time; load and save wait for the disk.
// Limits: limits::config_bytes, limits::config_problems, goop::limits::json_depth.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/json_index.h"
#include "peer/setup/config.h"
#include "peer/setup/config_keys.h"
#include "store/folder.h"

namespace goop::peer::setup {

inline constexpr std::string_view config_name = "goop.json";

struct Problem {
  std::optional<json::Position> at;  // nothing: the key is not in the file
  std::string what;                  // with the key in front, when it is about one

  bool operator==(const Problem&) const = default;
};

enum class Origin { standard, file, overridden };
enum class ShowOrigin { no, yes };

class ConfigFile {
 public:
  // `shown_as` is the file's name in messages. A leading byte order mark is dropped.
  static ConfigFile parse(std::string text, std::string shown_as);

  // not_found: no such file. Problems of its content are inside.
  static Result<ConfigFile> load(const store::Folder& folder);

  const Config& values() const { return values_; }
  const std::string& text() const { return text_; }
  const std::vector<Problem>& problems() const { return problems_; }
  // Unknown keys, values in whose place another one is used, and keys that have no effect yet.
  const std::vector<Problem>& warnings() const { return warnings_; }
  std::string describe(const Problem& problem) const;  // "goop.json:3:5: …", one line

  // invalid: the problems, a line each.
  Result<void> usable() const;

  // Changes the text, not yet the file. not_found: no such key; invalid: the value breaks a rule;
  // conflict: the text is no JSON object. `value` is text as typed: true, 20, My Site; a list is
  // JSON or separated by commas.
  Result<void> set(std::string_view key, std::string_view value);
  Result<void> save(const store::Folder& folder) const;  // whole or not at all, mode 0600

  // A value for this run only; never saved. Errors as set().
  Result<void> override_value(std::string_view key, std::string_view value);

  Origin origin(const ConfigKey& key) const;

  // One line for each key: "presence.ttl_seconds = 20", secrets as "***"; with the origin as
  // "(default)", "(goop.json:12)" or "(overridden)" behind it.
  std::string show(ShowOrigin with) const;

 private:
  ConfigFile(std::string text, std::string shown_as)
      : text_(std::move(text)), shown_as_(std::move(shown_as)) {}
  void read();
  void read_member(const json::Member& member);
  void check_rules();
  bool substitute(const ConfigKey& key, const ConfigValue& value);
  void warn_of_what_has_no_effect();
  void warn_of_who_is_left_out();
  void warn(std::optional<std::size_t> offset, std::string what);
  std::optional<std::size_t> place_of(std::string_view key) const;
  void report(std::optional<std::size_t> offset, std::string what);

  std::string text_;
  std::string shown_as_;
  Config values_;
  bool object_ = false;                            // the text is a JSON object
  std::map<std::string_view, std::size_t> where_;  // by name of the table: the value's offset
  std::map<std::string_view, ConfigValue> overrides_;
  std::vector<Problem> problems_, warnings_;
};

// goop.json holds passwords: takes from others what they may do with it. Gives what was mended, or
// could not be, for one line of the log; usually empty.
std::string close_to_others(const store::Folder& folder);

// What a new folder's goop.json says.
std::string first_config_text(std::string_view label);

}  // namespace goop::peer::setup
