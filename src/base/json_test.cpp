#include "base/json.h"

#include <gtest/gtest.h>

#include "base/json_index.h"

namespace goop {
namespace {

struct Item {
  std::string name;
  std::uint16_t port = 0;
  bool operator==(const Item&) const = default;
};
BOOST_DESCRIBE_STRUCT(Item, (), (name, port))

struct Thing {
  std::string type;
  std::optional<std::string> email;
  std::int64_t ts = 0;
  bool on = false;
  double ratio = 0;
  std::vector<Item> items;
  std::map<std::string, int> counts;
  bool operator==(const Thing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (type, email, ts, on, ratio, items, counts))

constexpr std::string_view whole = R"({"type":"a","email":"m@x","ts":-5,"on":true,"ratio":1.5,)"
                                   R"("items":[{"name":"n","port":80}],"counts":{"x":1}})";

std::string problem(std::string_view text) {
  auto thing = json::parse_as<Thing>(text);
  return thing ? "fine" : to_string(thing.error());
}

TEST(Json, Described_structs_come_out_as_they_went_in) {
  const auto thing = json::parse_as<Thing>(whole).value();
  EXPECT_EQ(thing.email, "m@x");
  EXPECT_EQ(thing.items[0].port, 80);
  EXPECT_EQ(json::parse_as<Thing>(json::write(json::to_value(thing))), thing);
}

TEST(Json, Members_are_written_in_their_order_and_empty_optionals_left_out) {
  Thing thing;
  thing.type = "a<b>&\"";
  EXPECT_EQ(json::write(json::to_value(Item{"x", 1})), R"({"name":"x","port":1})");
  const auto text = json::write(json::to_value(thing));
  EXPECT_TRUE(text.starts_with(R"({"type":"a<b>&\"","ts":0)")) << text;
}

TEST(Json, Unknown_keys_pass_and_optional_members_may_be_missing_or_null) {
  EXPECT_EQ(problem(R"({"type":"a","ts":1,"on":false,"ratio":2,"new":{"x":[1]}})"), "fine");
  EXPECT_EQ(problem(R"({"type":"a","ts":1,"on":false,"ratio":2,"email":null,"items":null})"),
            "fine");
}

TEST(Json, What_is_missing_or_wrong_is_named_with_its_place) {
  EXPECT_EQ(problem("{}"), "invalid: type: is missing");
  EXPECT_EQ(problem("[]"), "invalid: an object is expected, a list is there");
  EXPECT_EQ(problem(R"({"type":null})"), "invalid: type: a text is expected, null is there");
  EXPECT_EQ(problem(R"({"type":"a","ts":1.5})"),
            "invalid: ts: a whole number is expected, a number is there");
  const std::string head = R"({"type":"a","ts":1,"on":true,"ratio":1,"items":[{"name":"n","port":)";
  EXPECT_EQ(problem(head + "\"80\"}]}"),
            "invalid: items[0].port: a whole number is expected, a text is there");
  EXPECT_EQ(problem(head + "65536}]}"),
            "invalid: items[0].port: a number from 0 to 65535 is expected");
  EXPECT_EQ(problem(head + "-1}]}"),
            "invalid: items[0].port: a number from 0 to 65535 is expected");
}

TEST(Json, Integers_reach_both_ends_of_their_range) {
  EXPECT_EQ(json::parse_as<std::uint64_t>("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(json::parse_as<std::int64_t>("-9223372036854775808"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(json::parse_as<std::int64_t>("9223372036854775808"));
  EXPECT_FALSE(json::parse_as<std::uint64_t>("-1"));
}

TEST(Json, Errors_say_line_and_column) {
  EXPECT_TRUE(problem("{\n  \"a\": 1,\n  x\n}").starts_with("invalid: line 3, column 3: "));
  EXPECT_TRUE(problem("{\"é\": x}").starts_with("invalid: line 1, column 7: "));
  EXPECT_EQ(problem("{\n"), "invalid: line 2, column 1: the text ends too early");
  EXPECT_EQ(problem(""), "invalid: line 1, column 1: the text ends too early");
  EXPECT_EQ(problem("{} {}"), "invalid: line 1, column 4: something after the end of the value");
  EXPECT_FALSE(json::parse("\"\xff\""));
  EXPECT_FALSE(json::parse("[1,]"));
  EXPECT_FALSE(json::parse("// no comments\n1"));
}

TEST(Json, Size_has_a_cap) {
  const std::string text = "[" + std::string(limits::json_bytes - 2, ' ') + "]";
  EXPECT_TRUE(json::parse(text));
  EXPECT_EQ(json::parse(text + " ").error().code, Errc::too_large);
  EXPECT_EQ(json::parse("[1]", {.bytes = 2}).error().code, Errc::too_large);
}

TEST(Json, Depth_has_a_cap) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(json::parse(nested(limits::json_depth)));
  EXPECT_EQ(json::parse(nested(limits::json_depth + 1)).error().code, Errc::too_large);
  EXPECT_EQ(json::parse(nested(100'000)).error().code, Errc::too_large);
}

TEST(Json, A_number_that_JSON_lacks_becomes_null) {
  EXPECT_EQ(json::write(json::to_value(std::numeric_limits<double>::infinity())), "null");
}

TEST(Json, A_number_beyond_all_range_is_refused) {
  EXPECT_FALSE(json::parse("444454444444444e4442"));
  EXPECT_FALSE(json::parse("[{\"a\":-1e400}]"));
  EXPECT_TRUE(json::parse("1e300"));
}

TEST(Json, Pretty_text_is_indented_by_two) {
  const auto value = json::parse(R"({"a":{},"b":[1,{"c":"d"}],"e":[]})").value();
  const std::string text = json::write_pretty(value);
  EXPECT_EQ(text, R"({
  "a": {},
  "b": [
    1,
    {
      "c": "d"
    }
  ],
  "e": []
})");
  EXPECT_EQ(json::parse(text), value);
}

std::string indexed(std::string_view text, std::size_t depth) {
  std::string out;
  for (const auto& member : json::index_members(text, depth)) {
    for (const auto& key : member.path) out += "/" + key;
    out += "=" + std::string(text.substr(member.begin, member.end - member.begin)) + ";";
  }
  return out;
}

TEST(JsonIndex, Every_member_is_found_with_its_value) {
  EXPECT_EQ(indexed(R"( { "a" : 1 , "b":{"c":"x,}","d":[1,{"e":2}]},"f":null })", 2),
            R"(/a=1;/b={"c":"x,}","d":[1,{"e":2}]};/b/c="x,}";/b/d=[1,{"e":2}];/f=null;)");
  EXPECT_EQ(indexed(R"({"a":{"b":1}})", 1), R"(/a={"b":1};)");
  EXPECT_EQ(indexed(R"({"a\u0062\"":"\\"})", 2), "/ab\"=\"\\\\\";");
  EXPECT_EQ(indexed("{}", 2), "");
  EXPECT_EQ(indexed("[1,{\"a\":2}]", 2), "");
}

}  // namespace
}  // namespace goop
