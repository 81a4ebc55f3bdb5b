#include <gtest/gtest.h>

#include "crypto/ed25519.h"
#include "crypto/x25519.h"

namespace goop::crypto {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> array_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  std::array<std::uint8_t, N> array{};
  EXPECT_EQ(bytes.size(), N);
  std::ranges::copy(bytes, array.begin());
  return array;
}

TEST(Ed25519, matches_rfc_8032_test_2) {
  const Ed25519Key key(
      Secret<32>(array_of<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
  EXPECT_EQ(to_hex(key.public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = key.sign(Bytes{0x72});
  EXPECT_EQ(to_hex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(ed25519_verify(key.public_key(), Bytes{0x72}, signature));
}

TEST(Ed25519, any_changed_bit_of_the_signature_is_noticed) {
  const Ed25519Key key{Secret<32>()};
  const Bytes message = to_bytes("message");
  const auto signature = key.sign(message);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ed25519_verify(key.public_key(), message, changed)) << bit;
  }
}

TEST(Ed25519, signatures_of_a_wrong_length_are_refused) {
  const Ed25519Key key{Secret<32>()};
  const Bytes signature = to_bytes(BytesView(key.sign({})));
  EXPECT_FALSE(ed25519_verify(key.public_key(), {}, BytesView(signature).first(63)));
  EXPECT_FALSE(ed25519_verify(key.public_key(), {}, {}));
  Bytes longer = signature;
  longer.push_back(0);
  EXPECT_FALSE(ed25519_verify(key.public_key(), {}, longer));
}

TEST(Ed25519, a_public_key_of_small_order_verifies_nothing) {
  Ed25519Public identity{1};
  std::array<std::uint8_t, 64> signature{1};  // R = identity, S = 0 satisfies the equation
  EXPECT_FALSE(ed25519_verify(identity, as_bytes("anything"), signature));
}

// The interface takes a seed only, and the public half that goes into each signature is its own.
TEST(Ed25519, RUSTSEC_2022_0093_no_foreign_public_key_enters_a_signature) {
  static_assert(!std::is_constructible_v<Ed25519Key, Secret<32>, Ed25519Public>);
  static_assert(!std::is_constructible_v<Ed25519Key, Secret<64>>);
  const Ed25519Key key{Secret<32>()};
  EXPECT_EQ(Ed25519Key(key.seed()).public_key(), key.public_key());
}

TEST(X25519, matches_rfc_7748_section_6_1) {
  const X25519Key alice(
      Secret<32>(array_of<32>("77076d0a7318a57d3c16c17251b26645df4c2f92ebc099c29fd0f3a2e2f3b7c3")));
  const X25519Key bob(
      Secret<32>(array_of<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")));
  EXPECT_EQ(to_hex(bob.public_key()),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(alice.shared(bob.public_key()).value(), bob.shared(alice.public_key()).value());
}

TEST(X25519, two_sides_agree_on_the_vector_of_noise_implementations) {
  const X25519Key key(
      Secret<32>(array_of<32>("1111111111111111111111111111111111111111111111111111111111111111")));
  EXPECT_EQ(to_hex(key.public_key()),
            "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13");
}

TEST(X25519, an_all_zero_result_is_an_error) {
  const X25519Key key{Secret<32>(std::array<std::uint8_t, 32>{7})};
  for (const std::uint8_t low : {0, 1}) {  // points of order 4 and 1
    const auto shared = key.shared(X25519Public{low});
    ASSERT_FALSE(shared.has_value());
    EXPECT_EQ(shared.error().code, Errc::unverified);
  }
}

}  // namespace
}  // namespace goop::crypto
