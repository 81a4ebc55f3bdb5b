#include "crypto/aead.h"

#include <gtest/gtest.h>

namespace goop::crypto {
namespace {

Secret<32> key_of(std::string_view hex) {
  Secret<32> key;
  std::ranges::copy(from_hex(hex).value(), key.mut().begin());
  return key;
}

Bytes sealed_of(ChaChaPoly& aead, std::uint64_t nonce, BytesView plain, BytesView aad = {}) {
  Bytes out(plain.size() + ChaChaPoly::tag_bytes);
  EXPECT_EQ(aead.seal(nonce, aad, plain, out), out.size());
  return out;
}

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
  return bytes;
}

class ChaChaPolyOf : public testing::TestWithParam<AeadLibrary> {};
INSTANTIATE_TEST_SUITE_P(both_libraries, ChaChaPolyOf,
                         testing::Values(AeadLibrary::openssl, AeadLibrary::gcrypt));

// The transport messages of a Noise XX handshake that two other implementations agree on.
TEST_P(ChaChaPolyOf, matches_the_transport_messages_of_noise) {
  ChaChaPoly aead(key_of("530c3f6f9316268d31d426e3ead445b1a0d92fd664e2cd0d220bcb0e7ac62a80"),
                  GetParam());
  EXPECT_EQ(to_hex(sealed_of(aead, 0, as_bytes("hello"))),
            "230247bb1fe59de7e6c327a703765ce954be48cd22");
  EXPECT_EQ(to_hex(sealed_of(aead, 1, {})), "089e3f9f2f7f7aef3f25ecaca786ad21");
}

TEST_P(ChaChaPolyOf, parts_of_any_length_give_one_ciphertext) {
  ChaChaPoly aead(Secret<32>(), GetParam());
  const Bytes plain = pattern(1000);
  const Bytes whole = sealed_of(aead, 9, plain, as_bytes("aad"));
  for (std::size_t cut : {0, 1, 12, 63, 64, 65, 999, 1000}) {
    const BytesView parts[] = {BytesView(plain).first(cut), {}, BytesView(plain).subspan(cut)};
    Bytes out(plain.size() + ChaChaPoly::tag_bytes);
    EXPECT_EQ(aead.seal(9, as_bytes("aad"), parts, out), out.size());
    EXPECT_EQ(out, whole) << cut;
  }
}

TEST_P(ChaChaPolyOf, seals_and_opens_in_place) {
  ChaChaPoly sender(Secret<32>(), GetParam()), receiver(Secret<32>(), GetParam());
  const Bytes plain = pattern(65519);
  Bytes buffer = plain;
  buffer.resize(plain.size() + ChaChaPoly::tag_bytes);
  sender.seal(3, {}, BytesView(buffer).first(plain.size()), buffer);
  EXPECT_EQ(buffer, sealed_of(sender, 3, plain));
  ASSERT_TRUE(receiver.open(3, {}, buffer, buffer));
  buffer.resize(plain.size());
  EXPECT_EQ(buffer, plain);
}

TEST_P(ChaChaPolyOf, opens_what_was_sealed_whatever_came_before) {
  ChaChaPoly aead(Secret<32>(), GetParam());
  for (std::uint64_t nonce = 0; nonce < 300; ++nonce) {
    const Bytes plain = pattern(static_cast<std::size_t>(nonce));
    const Bytes sealed = sealed_of(aead, nonce, plain);
    Bytes opened(plain.size());
    EXPECT_FALSE(aead.open(nonce + 1, {}, sealed, opened));
    ASSERT_TRUE(aead.open(nonce, {}, sealed, opened)) << nonce;
    EXPECT_EQ(opened, plain);
  }
}

TEST_P(ChaChaPolyOf, every_changed_byte_is_noticed) {
  ChaChaPoly aead(Secret<32>(), GetParam());
  const Bytes sealed = sealed_of(aead, 1, pattern(40), as_bytes("aad"));
  Bytes opened(40);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(aead.open(1, as_bytes("aad"), changed, opened)) << i;
  }
  EXPECT_FALSE(aead.open(1, as_bytes("AAD"), sealed, opened));
  EXPECT_FALSE(aead.open(1, {}, sealed, opened));
  EXPECT_TRUE(aead.open(1, as_bytes("aad"), sealed, opened));
}

TEST_P(ChaChaPolyOf, less_than_a_tag_does_not_open) {
  ChaChaPoly aead(Secret<32>(), GetParam());
  for (std::size_t size = 0; size < ChaChaPoly::tag_bytes; ++size) {
    EXPECT_FALSE(aead.open(0, {}, Bytes(size), {}));
  }
  EXPECT_FALSE(aead.open(0, {}, Bytes(ChaChaPoly::tag_bytes), {}));
}

TEST_P(ChaChaPolyOf, the_nonce_counts_64_bits) {
  ChaChaPoly aead(Secret<32>(), GetParam());
  const Bytes low = sealed_of(aead, 1, as_bytes("x"));
  EXPECT_NE(low, sealed_of(aead, 1 | std::uint64_t{1} << 32, as_bytes("x")));
  EXPECT_NE(low, sealed_of(aead, 1 | std::uint64_t{1} << 63, as_bytes("x")));
}

TEST(ChaChaPoly, the_libraries_understand_each_other_at_every_length) {
  const auto key = key_of("530c3f6f9316268d31d426e3ead445b1a0d92fd664e2cd0d220bcb0e7ac62a80");
  ChaChaPoly one(key, AeadLibrary::openssl), other(key, AeadLibrary::gcrypt);
  const Bytes plain = pattern(65519);
  for (std::size_t size = 0; size <= plain.size(); size += size < 1100 ? 1 : 5371) {
    const BytesView text = BytesView(plain).first(size);
    const Bytes sealed = sealed_of(other, size, text, as_bytes("aad"));
    ASSERT_EQ(sealed_of(one, size, text, as_bytes("aad")), sealed) << size;
    const BytesView parts[] = {text.first(std::min<std::size_t>(size, 12)),
                               text.subspan(std::min<std::size_t>(size, 12))};
    Bytes again(sealed.size());
    other.seal(size, as_bytes("aad"), parts, again);
    ASSERT_EQ(again, sealed) << size;
  }
}

TEST(ChaChaPoly, the_fastest_library_is_one_that_works) {
  ChaChaPoly chosen{Secret<32>()}, plain(Secret<32>(), AeadLibrary::openssl);
  EXPECT_EQ(sealed_of(chosen, 1, as_bytes("x")), sealed_of(plain, 1, as_bytes("x")));
}

}  // namespace
}  // namespace goop::crypto
