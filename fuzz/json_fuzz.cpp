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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = goop::as_text({data, size});
  const auto value = goop::json::parse(text);
  if (!value) return 0;
  // A written number may round, so the second text is the one that must stay.
  const std::string once = goop::json::write(*value);
  const std::string twice = goop::json::write_pretty(goop::json::parse(once).value());
  GOOP_ASSERT(goop::json::write(goop::json::parse(twice).value()) ==
              goop::json::write(goop::json::parse(once).value()));
  for (const auto& member : goop::json::index_members(text, 2)) {
    GOOP_ASSERT(member.key_begin < member.begin && member.begin < member.end &&
                member.end <= text.size());
    GOOP_ASSERT(goop::json::parse(text.substr(member.begin, member.end - member.begin)));
  }
  (void)goop::json::read<Outer>(*value);
  return 0;
}
