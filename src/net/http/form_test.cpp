#include "net/http/form.h"

#include <gtest/gtest.h>

#include "net/http/limits.h"

namespace goop::net::http {
namespace {

Form form(std::string_view text) { return Form::parse(text).value(); }

TEST(Form, has_its_fields_decoded) {
  const auto read = form("email=ann%40example.org&name=Ann+B%C3%A9&empty=&bare&a=1&a=2");
  EXPECT_EQ(read.value("email"), "ann@example.org");
  EXPECT_EQ(read.value("name"), "Ann Bé");
  EXPECT_EQ(read.value("empty"), "");
  EXPECT_EQ(read.value("bare"), "");
  EXPECT_EQ(read.value("missing"), "");
  EXPECT_EQ(read.value("a"), "1");
  EXPECT_EQ(read.fields().size(), 6u);
}

TEST(Form, is_empty_where_nothing_was_sent) {
  EXPECT_TRUE(form("").fields().empty());
  EXPECT_TRUE(form("&&&").fields().empty());
  EXPECT_EQ(form("=x").fields().size(), 1u);
}

TEST(Form, keeps_what_stands_behind_the_first_equals_sign) {
  EXPECT_EQ(form("token=ab==").value("token"), "ab==");
}

TEST(Form, is_refused_where_nobody_could_have_typed_it) {
  for (const auto* bad : {"a=%", "a=%4", "a=%zz", "%=1", "a=%00", "a=%07", "a=%FF", "a=%C3",
                          "a=\x01", "a=\xff", "a=%7f"}) {
    const auto read = Form::parse(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::invalid) << bad;
  }
}

TEST(Form, has_at_most_so_many_bytes_and_fields) {
  std::string full = "a=" + std::string(limits::form_bytes - 2, 'x');
  EXPECT_EQ(form(full).value("a").size(), limits::form_bytes - 2);
  EXPECT_EQ(Form::parse(full + 'x').error().code, Errc::too_large);

  std::string many;
  for (std::size_t i = 0; i < limits::form_fields; ++i) many += "a&";
  EXPECT_EQ(form(many).fields().size(), limits::form_fields);
  EXPECT_EQ(Form::parse(many + "a").error().code, Errc::too_large);
}

}  // namespace
}  // namespace goop::net::http
