#include "base/base64.h"

#include <gtest/gtest.h>

namespace goop {
namespace {

TEST(Base64, The_vectors_of_the_specification) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(bytes)), text);
    EXPECT_EQ(from_base64(text), to_bytes(bytes));
  }
}

TEST(Base64, Every_byte_survives) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const auto part = BytesView(all).last(size);
    EXPECT_EQ(from_base64(to_base64(part)), to_bytes(part));
  }
}

TEST(Base64, Bytes_have_one_text) {
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm-v",
                                      "Zm=v", "=m9v", "Zg==Zg==", " Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

}  // namespace
}  // namespace goop
