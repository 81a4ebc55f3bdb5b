#include "crypto/password.h"

#include <gtest/gtest.h>

namespace goop::crypto {
namespace {

TEST(Password, only_the_right_one_fits_its_hash) {
  const auto hash = hash_password("let me in");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  EXPECT_EQ(hash.find("let me in"), std::string::npos);
  EXPECT_TRUE(verify_password(hash, "let me in"));
  EXPECT_FALSE(verify_password(hash, "let me i"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_FALSE(verify_password(hash, hash));
  EXPECT_NE(hash_password("let me in"), hash);  // its own salt each time
}

TEST(Password, a_hash_is_told_from_a_password) {
  // Made with the reference implementation of Argon2: argon2id, 256 KiB, 2 passes.
  const std::string_view other =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(is_password_hash(other));
  EXPECT_TRUE(verify_password(other, "password"));
  for (const auto* text : {"", "let me in", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$",
                           "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$Y29tbW9u"}) {
    EXPECT_FALSE(is_password_hash(text)) << text;
    EXPECT_FALSE(verify_password(text, text)) << text;
  }
  EXPECT_FALSE(is_password_hash(std::string(other) + std::string(200, 'A')));
}

}  // namespace
}  // namespace goop::crypto
