// deps: base
//
// Any text: parse never fails in another way than by its Result, and what it accepts survives
// writing and reading; the index finds members that are really there.
#include "base/json.h"

#include "base/bytes.h"
#include "base/json_index.h"

struct Inner {
  std::vector<std::string> list;
  std::optional<std::uint16_t> port;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (list, port))
struct Outer {
  std::optional<Inner> inner;
  std::map<std::string, std::int64_t> map;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (inner, map))

// Fractions may differ in their last digit: Boost.JSON 1.81 does not round them exactly.
static bool same(const goop::json::Value& a, const goop::json::Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_double()) return true;
  if (const auto* list = a.if_array()) {
    return std::ranges::equal(*list, b.as_array(), same);
  }
  if (const auto* object = a.if_object()) {
    const auto member = [](const auto& left, const auto& right) {
      return left.key() == right.key() && same(left.value(), right.value());
    };
    return std::ranges::equal(*object, b.as_object(), member);
  }
  return a == b;
}

// A member that a later one of the same name replaces is read, but not kept: a number in it may
// be beyond all range, which only reading it alone finds.
static bool replaced(const goop::Error& error) {
  return error.code == goop::Errc::invalid && error.detail == "a number that is too large";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = goop::as_text({data, size});
  const auto value = goop::json::parse(text);
  if (!value) return 0;
  GOOP_ASSERT(same(*value, goop::json::parse(goop::json::write(*value)).value()));
  GOOP_ASSERT(same(*value, goop::json::parse(goop::json::write_pretty(*value)).value()));
  for (const auto& member : goop::json::index_members(text, 2)) {
    GOOP_ASSERT(member.key_begin < member.begin && member.begin < member.end &&
                member.end <= text.size());
    const auto alone = goop::json::parse(text.substr(member.begin, member.end - member.begin));
    GOOP_ASSERT(alone || replaced(alone.error()));
  }
  (void)goop::json::read<Outer>(*value);
  return 0;
}
