#include "base/log.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace goop::log {
namespace {

TEST(Log, values_are_escaped_and_cut) {
  warn("test.value", {{"text", "a\nforged line"}, {"long", std::string(1000, 'x')}});
  const auto text = recent().back().text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto kept = std::ranges::count(text.substr(text.find(" long=") + 6), 'x');
  EXPECT_LE(static_cast<std::size_t>(kept), limits::log_value_bytes);
  EXPECT_GE(static_cast<std::size_t>(kept), limits::log_value_bytes - 8);  // room for a mark
}

TEST(Log, the_ring_keeps_the_newest_lines) {
  set_level(Level::debug);
  for (std::size_t i = 0; i < limits::log_ring_lines + 10; ++i) debug("test.ring", {{"i", i}});
  set_level(Level::info);
  const auto lines = recent();
  ASSERT_EQ(lines.size(), limits::log_ring_lines);
  EXPECT_EQ(lines.back().text, fmt::format("test.ring i={}", limits::log_ring_lines + 9));
  EXPECT_EQ(lines.front().text, "test.ring i=10");
  EXPECT_EQ(recent(lines.back().number - 1).size(), 1u);
}

}  // namespace
}  // namespace goop::log
