#include "peer/setup/config_file.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/bytes.h"
#include "base/label.h"
#include "peer/setup/config_edit.h"
#include "peer/setup/limits.h"
#include "peer/setup/visibility.h"

namespace goop::peer::setup {
namespace {

constexpr mode_t of_others = 0077;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string allowed_for(const ConfigKey& key) {
  const auto type = type_name(key.standard);
  std::string text =
      key.rule.allowed.empty() ? std::string(type) : fmt::format("{}, {}", type, key.rule.allowed);
  if (key.when.holds) text += fmt::format(" (because {})", key.when.text);
  return text;
}

std::string shown(const ConfigKey& key, std::string_view found) {
  return key.secrecy == Secrecy::secret ? "\"***\"" : printable(found, limits::shown_value_bytes);
}

std::string not_allowed(const ConfigKey& key, std::string_view found) {
  return fmt::format("{} is {}; allowed: {}", key.name, shown(key, found), allowed_for(key));
}

// Nothing: another type than the key's.
std::optional<ConfigValue> from_json(const ConfigKey& key, std::string_view text) {
  return std::visit(
      [text](const auto& standard) -> std::optional<ConfigValue> {
        auto value = json::parse_as<std::remove_cvref_t<decltype(standard)>>(text);
        if (!value) return std::nullopt;
        return ConfigValue(*std::move(value));
      },
      key.standard);
}

bool holds(const ConfigKey& key, const ConfigValue& value, const Config& config) {
  return (key.when.holds && !key.when.holds(config)) || key.rule.holds(value);
}

std::vector<std::string> split_list(std::string_view typed) {
  std::vector<std::string> parts;
  while (!typed.empty()) {
    const auto comma = std::min(typed.find(','), typed.size());
    auto part = typed.substr(0, comma);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    typed.remove_prefix(std::min(comma + 1, typed.size()));
  }
  return parts;
}

bool has_control(std::string_view text) { return clean_label(text, SIZE_MAX) != text; }

// Line ends and escape sequences have no place in any value, and would harm where it is printed.
Result<ConfigValue> without_controls(const ConfigKey& key, ConfigValue value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if ((text && has_control(*text)) || (list && std::ranges::any_of(*list, has_control))) {
    return fail(Errc::invalid, "{} takes no control characters (line ends, escape sequences)",
                key.name);
  }
  return value;
}

Result<ConfigValue> from_typed(const ConfigKey& key, std::string_view typed) {
  if (std::holds_alternative<std::string>(key.standard)) {
    if (!is_utf8(typed)) return fail(Errc::invalid, "{} is given no UTF-8", key.name);
    return without_controls(key, ConfigValue(std::string(typed)));
  }
  if (std::holds_alternative<std::vector<std::string>>(key.standard) && !typed.starts_with('[')) {
    return without_controls(key, ConfigValue(split_list(typed)));
  }
  if (auto value = from_json(key, typed)) return without_controls(key, *std::move(value));
  return fail(Errc::invalid, "{}", not_allowed(key, typed));
}

// In the order of the file; what has no place in it comes last.
std::tuple<std::size_t, std::size_t, std::string_view> order_of(const Problem& problem) {
  if (!problem.at) return {SIZE_MAX, SIZE_MAX, problem.what};
  return {problem.at->line, problem.at->column, problem.what};
}

// Where that line begins. Editors of another age write other letters than these.
std::optional<std::size_t> line_that_is_no_utf8(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (!is_utf8(text.substr(begin, end - begin))) return begin;
    begin = end + 1;
  }
  return std::nullopt;
}

Result<const ConfigKey*> key_named(std::string_view name) {
  if (const ConfigKey* key = find_config_key(name)) return key;
  return fail(Errc::not_found, "no key {}; `goop2 config show DIR` lists all", printable(name));
}

}  // namespace

ConfigFile ConfigFile::parse(std::string text, std::string shown_as) {
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  ConfigFile file(std::move(text), std::move(shown_as));
  file.read();
  return file;
}

Result<ConfigFile> ConfigFile::load(const store::Folder& folder) {
  const auto shown_as = (folder.path() / config_name).string();
  const auto bytes = folder.read(config_name, limits::config_bytes);
  if (!bytes && bytes.error().code == Errc::not_found) return std::unexpected(bytes.error());
  if (!bytes) return fail(bytes.error().code, "{}: {}", shown_as, bytes.error().detail);
  return parse(to_text(*bytes), shown_as);
}

void ConfigFile::report(std::optional<std::size_t> offset, std::string what) {
  if (problems_.size() == limits::config_problems) return;
  const auto at = offset ? std::optional(json::position(text_, *offset)) : std::nullopt;
  problems_.push_back({at, std::move(what)});
}

void ConfigFile::warn(std::optional<std::size_t> offset, std::string what) {
  if (warnings_.size() == limits::config_problems) return;
  const auto at = offset ? std::optional(json::position(text_, *offset)) : std::nullopt;
  warnings_.push_back({at, std::move(what)});
}

std::optional<std::size_t> ConfigFile::place_of(std::string_view key) const {
  const auto place = where_.find(key);
  return place == where_.end() ? std::nullopt : std::optional(place->second);
}

void ConfigFile::read() {
  values_ = Config();
  where_.clear();
  problems_.clear();
  warnings_.clear();
  const auto whole = json::parse(text_, {.bytes = limits::config_bytes});
  object_ = whole && whole->is_object();
  if (const auto line = line_that_is_no_utf8(text_)) {
    report(line, "no UTF-8; have the editor save it as that");
  } else if (!whole) {
    report(std::nullopt, whole.error().detail);
  } else if (!object_) {
    report(0, "not an object; it should look like { \"profile\": { \"label\": \"My Site\" } }");
  } else {
    for (const auto& member : json::index_members(text_, 2)) read_member(member);
  }
  for (const auto& [name, value] : overrides_) {
    set_config_value(*find_config_key(name), values_, value);
  }
  check_rules();
  warn_of_what_has_no_effect();
  warn_of_who_is_left_out();
  std::ranges::sort(problems_, {}, order_of);
  std::ranges::sort(warnings_, {}, order_of);
}

void ConfigFile::read_member(const json::Member& member) {
  const auto found = std::string_view(text_).substr(member.begin, member.end - member.begin);
  const bool section = member.path.size() == 1;
  const std::string name = section ? member.path[0] : member.path[0] + "." + member.path[1];
  const auto keys = config_keys();
  const auto in_section = [&](const ConfigKey& key) {
    return same_key(key.section(), member.path[0]);
  };
  if (section) {
    if (std::ranges::any_of(keys, in_section)) {
      if (!member.object && found != "null") {
        report(member.begin, fmt::format("{} is {}; allowed: an object {{ … }}", printable(name),
                                         printable(found, limits::shown_value_bytes)));
      }
      return;
    }
  } else if (std::ranges::none_of(keys, in_section)) {
    return;  // the section was warned about
  }
  const ConfigKey* key = section ? nullptr : find_config_key(name);
  if (!key) {
    return warn(member.key_begin,
                fmt::format("{} is not a key of this version; kept as it is", printable(name)));
  }
  where_[key->name] = member.begin;
  if (found == "null") {
    where_.erase(key->name);
    return set_config_value(*key, values_, key->standard);
  }
  if (const auto value = from_json(*key, found)) return set_config_value(*key, values_, *value);
  report(member.begin, not_allowed(*key, found));
}

void ConfigFile::check_rules() {
  for (const ConfigKey& key : config_keys()) {
    const auto value = config_value(key, values_);
    if (holds(key, value, values_) || substitute(key, value)) continue;
    report(place_of(key.name), not_allowed(key, value_as_json(value)));
  }
  for (const CrossRule& rule : cross_rules()) {
    if (rule.holds(values_)) continue;
    const auto value = config_value(*find_config_key(rule.key), values_);
    report(place_of(rule.key),
           fmt::format("{} is {}; allowed: {}", rule.key, value_as_json(value), rule.allowed));
  }
}

bool ConfigFile::substitute(const ConfigKey& key, const ConfigValue& value) {
  if (!key.rule.substitute) return false;
  const auto instead = key.rule.substitute(value);
  if (!instead || !key.rule.holds(*instead)) return false;
  set_config_value(key, values_, *instead);
  warn(place_of(key.name), fmt::format("{}; {} is used", not_allowed(key, value_as_json(value)),
                                       shown_value(key, *instead)));
  return true;
}

void ConfigFile::warn_of_what_has_no_effect() {
  std::string names;
  std::optional<std::size_t> first;
  for (const ConfigKey& key : config_keys()) {
    const auto place = place_of(key.name);
    if (key.applies != Applies::not_yet || !place) continue;
    if (config_value(key, values_) == key.standard) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", key.name);
    first = std::min(first.value_or(*place), *place);
  }
  if (names.empty()) return;
  warn(first,
       fmt::format("without effect, because what it is for is still to be built: {}", names));
}

void ConfigFile::warn_of_who_is_left_out() {
  for (auto& narrowed : narrowed_visibility(values_)) {
    warn(place_of(narrowed.key), std::move(narrowed.sentence));
  }
}

std::string ConfigFile::describe(const Problem& problem) const {
  if (!problem.at) return fmt::format("{}: {}", shown_as_, problem.what);
  return fmt::format("{}:{}:{}: {}", shown_as_, problem.at->line, problem.at->column, problem.what);
}

Result<void> ConfigFile::usable() const {
  if (problems_.empty()) return {};
  std::string lines;
  for (const Problem& problem : problems_) {
    lines += fmt::format("{}{}", lines.empty() ? "" : "\n", describe(problem));
  }
  return fail(Errc::invalid, "{}", lines);
}

Result<void> ConfigFile::set(std::string_view name, std::string_view typed) {
  GOOP_TRY(const ConfigKey* key, key_named(name));
  GOOP_TRY(const ConfigValue value, from_typed(*key, typed));
  if (!object_) return fail(Errc::conflict, "{}", describe(problems_.front()));
  ConfigFile changed = *this;
  changed.text_ = with_value(text_, key->section(), key->member(), value_as_json(value));
  changed.read();
  // Mistakes that were there before may be mended one by one.
  for (const Problem& problem : changed.problems_) {
    const auto same = [&problem](const Problem& other) { return other.what == problem.what; };
    if (std::ranges::none_of(problems_, same)) return fail(Errc::invalid, "{}", problem.what);
  }
  if (changed.origin(*key) == Origin::file && config_value(*key, changed.values_) != value) {
    // Another value would be used.
    return fail(Errc::invalid, "{}", not_allowed(*key, value_as_json(value)));
  }
  *this = std::move(changed);
  return {};
}

Result<void> ConfigFile::override_value(std::string_view name, std::string_view typed) {
  GOOP_TRY(const ConfigKey* key, key_named(name));
  GOOP_TRY(ConfigValue value, from_typed(*key, typed));
  if (!key->rule.holds(value)) return fail(Errc::invalid, "{}", not_allowed(*key, typed));
  overrides_[key->name] = std::move(value);
  read();
  return {};
}

std::string close_to_others(const store::Folder& folder) {
  const auto file = folder.open_file(config_name);
  if (!file || !(file->info().mode & of_others)) return {};
  const auto shown = (folder.path() / config_name).string();
  const auto mode = file->info().mode;
  try {
    file->set_mode(mode & ~of_others);
  } catch (const Failure& failure) {
    return fmt::format("{} can be read by others (mode {:o}), and its mode cannot be changed: {}",
                       shown, mode, failure.error().detail);
  }
  if (file->current_info().mode & of_others) {
    return fmt::format("{} can be read by others: its disk keeps no modes", shown);
  }
  return fmt::format("{} could be read by others (mode {:o}); now it cannot", shown, mode);
}

Result<void> ConfigFile::save(const store::Folder& folder) const {
  return folder.write_atomic(config_name, as_bytes(text_), 0600);
}

Origin ConfigFile::origin(const ConfigKey& key) const {
  if (overrides_.contains(key.name)) return Origin::overridden;
  return where_.contains(key.name) ? Origin::file : Origin::standard;
}

std::string ConfigFile::show(ShowOrigin with) const {
  std::string out;
  for (const ConfigKey& key : config_keys()) {
    out += fmt::format("{} = {}", key.name, shown_value(key, config_value(key, values_)));
    if (with == ShowOrigin::yes) {
      switch (origin(key)) {
        case Origin::standard:
          out += "  (default)";
          break;
        case Origin::overridden:
          out += "  (overridden)";
          break;
        case Origin::file:
          out += fmt::format("  ({}:{})", config_name,
                             json::position(text_, where_.at(key.name)).line);
          break;
      }
    }
    out += '\n';
  }
  return out;
}

std::string first_config_text(std::string_view label) {
  const json::Value text = {{"profile", {{"label", label}}}};
  return json::write_pretty(text) + "\n";
}

}  // namespace goop::peer::setup
