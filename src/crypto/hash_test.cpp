#include "crypto/hash.h"

#include <gtest/gtest.h>

namespace goop::crypto {
namespace {

TEST(Sha256, matches_fips_180_example) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha1, matches_fips_180_example) {
  EXPECT_EQ(to_hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Sha256, in_pieces_gives_the_same_and_starts_anew_after_finish) {
  Sha256 hash;
  for (int round = 0; round < 2; ++round) {
    hash.update(as_bytes("a"));
    hash.update({});
    hash.update(as_bytes("bc"));
    EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
  }
}

TEST(HmacSha256, matches_rfc_4231_cases_1_2_and_6) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 5869 case 1 starts from another info, so the chain is checked by its definition.
TEST(HkdfSha256, is_the_hmac_chain_of_the_noise_framework) {
  const auto pair = hkdf_sha256(as_bytes("chaining key"), as_bytes("input"));
  const auto extracted = hmac_sha256(as_bytes("chaining key"), as_bytes("input"));
  EXPECT_EQ(pair.first, Secret<32>(hmac_sha256(extracted, Bytes{1})));
  Bytes again = to_bytes(BytesView(pair.first.view()));
  again.push_back(2);
  EXPECT_EQ(pair.second, Secret<32>(hmac_sha256(extracted, again)));
}

TEST(Secret, prints_as_stars) { EXPECT_EQ(fmt::format("{}", Secret<32>()), "***"); }

TEST(Secret, is_wiped_when_it_goes) {
  alignas(Secret<32>) std::uint8_t place[sizeof(Secret<32>)];
  auto* secret = new (place) Secret<32>(sha256({}));
  secret->~Secret();
  EXPECT_TRUE(std::ranges::all_of(place, [](auto byte) { return byte == 0; }));
}

}  // namespace
}  // namespace goop::crypto
