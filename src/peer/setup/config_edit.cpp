#include "peer/setup/config_edit.h"

#include <optional>

#include "base/json.h"
#include "base/json_index.h"
#include "peer/setup/config_keys.h"

namespace goop::peer::setup {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// The white space before `at`, when it begins with a line break: how its neighbours are indented.
std::optional<std::string_view> line_start(std::string_view text, std::size_t at) {
  const auto last = text.find_last_not_of(blanks, at - 1);
  const auto begin = last == text.npos ? 0 : last + 1;
  const auto gap = text.substr(begin, at - begin);
  if (!gap.contains('\n')) return std::nullopt;
  return gap.substr(gap.rfind('\n'));
}

std::string spliced(std::string_view text, std::size_t begin, std::size_t end,
                    std::string_view middle) {
  return fmt::format("{}{}{}", text.substr(0, begin), middle, text.substr(end));
}

// `member` added to the object at [begin, end), behind its last member if it has one.
std::string added(std::string_view text, std::size_t begin, std::size_t end,
                  const json::Member* last, std::string_view outer, const std::string& member) {
  if (!last) {
    return spliced(text, begin, end, fmt::format("{{{0}  {1}{0}}}", outer, member));
  }
  const auto gap = line_start(text, last->key_begin).value_or(" ");
  return spliced(text, last->end, last->end, fmt::format(",{}{}", gap, member));
}

}  // namespace

std::string with_value(std::string_view text, std::string_view section, std::string_view member,
                       std::string_view value) {
  const auto members = json::index_members(text, 2);
  const json::Member* last_section = nullptr;  // the last at the top, whatever its name
  const json::Member* own_section = nullptr;
  const json::Member* last_within = nullptr;
  const json::Member* own = nullptr;
  for (const json::Member& each : members) {
    if (each.path.size() == 1) {
      last_section = &each;
      if (same_key(each.path[0], section)) {
        own_section = &each;
        last_within = nullptr;
      }
    } else if (same_key(each.path[0], section)) {
      last_within = &each;
      if (same_key(each.path[1], member)) own = &each;
    }
  }
  if (own) return spliced(text, own->begin, own->end, value);

  const std::string entry =
      fmt::format("{}: {}", json::write(json::to_value(std::string(member))), value);
  if (own_section && own_section->object) {
    const auto outer = line_start(text, own_section->key_begin).value_or("\n");
    return added(text, own_section->begin, own_section->end, last_within, outer, entry);
  }
  // No such section, or null in its place.
  const auto indent = last_section ? line_start(text, last_section->key_begin).value_or(" ")
                                   : std::string_view("\n  ");
  const std::string object = indent.contains('\n') ? fmt::format("{{{0}  {1}{0}}}", indent, entry)
                                                   : fmt::format("{{{}}}", entry);
  if (own_section) return spliced(text, own_section->begin, own_section->end, object);
  const std::string whole =
      fmt::format("{}: {}", json::write(json::to_value(std::string(section))), object);
  return added(text, text.find('{'), text.rfind('}') + 1, last_section, "\n", whole);
}

}  // namespace goop::peer::setup
