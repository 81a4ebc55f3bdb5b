// Events with fields, not prose: log::info("dial.failed", {{"peer", id}, {"error", error}}).
//
// Lines go to stderr and into a bounded ring that the viewer shows. Values are escaped and cut, so
// remote text cannot forge lines; types that hold secrets format as "***".
//
// Thread: any.   Limits: limits::log_ring_lines, limits::log_value_bytes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/time.h"

namespace goop::log {

enum class Level { trace, debug, info, warn, error, off };
std::optional<Level> parse_level(std::string_view text);  // "debug", "info", …

struct Field {
  template <class T>
  Field(std::string_view field, const T& content) : key(field), value(fmt::format("{}", content)) {}
  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

struct Line {
  std::uint64_t number;  // counts up from 1; gaps mean that lines fell out of the ring
  std::int64_t ms;       // since 1970
  Level level;
  std::string text;  // event and fields
};
std::vector<Line> recent(std::uint64_t after = 0);  // oldest first

}  // namespace goop::log
