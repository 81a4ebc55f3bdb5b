#include "p2p/multi/keys.h"

#include <gtest/gtest.h>

#include <numeric>

#include "p2p/multi/limits.h"
#include "p2p/multi/test_vectors.h"

namespace goop::p2p {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

Errc public_error(BytesView bytes) {
  const auto key = PublicKey::from_protobuf(bytes);
  return key ? Errc::internal : key.error().code;
}
Errc private_error(BytesView bytes) {
  const auto key = KeyPair::from_protobuf(bytes);
  return key ? Errc::internal : key.error().code;
}

// An RSA public key message whose modulus has `bytes` bytes of ones.
Bytes rsa_key(std::size_t bytes) {
  const auto element = [](std::uint8_t tag, const Bytes& content) {
    Bytes out{tag, 0x82, static_cast<std::uint8_t>(content.size() >> 8),
              static_cast<std::uint8_t>(content.size())};
    append(out, content);
    return out;
  };
  Bytes modulus(bytes + 1, 0xff);
  modulus[0] = 0;
  Bytes numbers = element(0x02, modulus);
  append(numbers, hex("0203010001"));
  Bytes bits{0};
  append(bits, element(0x30, numbers));
  Bytes info = hex("300d06092a864886f70d0101010500");
  append(info, element(0x03, bits));
  const Bytes spki = element(0x30, info);
  Bytes message{0x08, 0x00, 0x12, static_cast<std::uint8_t>(spki.size() | 0x80),
                static_cast<std::uint8_t>(spki.size() >> 7)};
  append(message, spki);
  return message;
}

TEST(PublicKey, serialises_to_the_bytes_it_came_from) {
  for (const auto text :
       {vectors::public_key, vectors::secp256k1_public_key, vectors::ecdsa_public_key}) {
    EXPECT_EQ(to_hex(PublicKey::from_protobuf(hex(text)).value().protobuf()), text);
  }
}

TEST(PublicKey, a_zero_type_is_written) {  // dropping it would change the peer id of RSA keys
  const auto key = PublicKey::from_protobuf(rsa_key(256)).value();
  EXPECT_EQ(key.type(), KeyType::rsa);
  EXPECT_EQ(to_bytes(key.protobuf()), rsa_key(256));
}

TEST(PublicKey, field_order_and_unknown_fields_do_not_matter) {
  const Bytes key = hex(vectors::public_key);
  Bytes turned(key.begin() + 2, key.end());
  append(turned, hex("1a0161"));
  append(turned, BytesView(key).first(2));
  EXPECT_EQ(to_hex(PublicKey::from_protobuf(turned).value().protobuf()), vectors::public_key);
}

TEST(PublicKey, refuses_what_is_no_key) {
  EXPECT_EQ(public_error({}), Errc::invalid);
  EXPECT_EQ(public_error(hex("0801")), Errc::invalid);
  EXPECT_EQ(public_error(hex("1200")), Errc::unsupported);
  EXPECT_EQ(public_error(hex("08041200")), Errc::unsupported);
  EXPECT_EQ(public_error(hex("0801121f" + std::string(62, '0'))), Errc::invalid);
  EXPECT_EQ(public_error(hex("08011221" + std::string(66, '0'))), Errc::invalid);
  EXPECT_EQ(public_error(Bytes(limits::key_bytes + 1)), Errc::too_large);
}

TEST(PublicKey, CVE_2023_39533_rsa_of_16384_bits_is_refused) {
  EXPECT_TRUE(PublicKey::from_protobuf(rsa_key(1024)).has_value());
  EXPECT_EQ(public_error(rsa_key(2048)), Errc::too_large);
}

TEST(PublicKey, verifies_what_its_owner_signed) {
  const KeyPair pair = vectors::key_pair();
  const auto signature = pair.sign(as_bytes("message"));
  EXPECT_TRUE(pair.public_key().verify(as_bytes("message"), signature));
  EXPECT_FALSE(pair.public_key().verify(as_bytes("massage"), signature));
  EXPECT_FALSE(PublicKey::from_protobuf(hex(vectors::ecdsa_public_key))
                   ->verify(as_bytes("message"), signature));
}

TEST(KeyPair, reads_and_writes_the_68_bytes_of_other_implementations) {
  const KeyPair pair = vectors::key_pair();
  EXPECT_EQ(to_hex(pair.public_key().protobuf()), vectors::public_key);
  EXPECT_EQ(to_hex(pair.protobuf().view()), vectors::private_key);
}

TEST(KeyPair, comes_back_from_its_own_serialisation) {
  const KeyPair pair = KeyPair::from_seed(crypto::Secret<32>(std::array<std::uint8_t, 32>{1, 2}));
  EXPECT_EQ(KeyPair::from_protobuf(pair.protobuf().view())->public_key(), pair.public_key());
}

TEST(KeyPair, signs_a_noise_static_key_as_other_implementations_do) {
  Bytes message = to_bytes("noise-libp2p-static-key:");
  message.resize(message.size() + 32);
  std::iota(message.end() - 32, message.end(), std::uint8_t{0});
  EXPECT_EQ(to_hex(vectors::key_pair().sign(message)),
            "6748f6f4c32e36aa2ef8df283a99a76275a9358b224844c53ced6ae4789262d0"
            "0a86a6fe47a578ae243faa2a3ed9f4fd22d1bc38527f4797548e568ca43f500c");
}

TEST(KeyPair, reads_the_old_form_with_the_public_key_twice) {
  Bytes old = hex(vectors::private_key);
  old[3] = 96;
  const Bytes public_half = to_bytes(BytesView(old).last(32));
  append(old, public_half);
  EXPECT_EQ(to_hex(KeyPair::from_protobuf(old)->protobuf().view()), vectors::private_key);
  old.back() ^= 1;
  EXPECT_EQ(private_error(old), Errc::invalid) << "the copies differ";
}

TEST(KeyPair, RUSTSEC_2022_0093_a_public_half_of_another_key_is_refused) {
  Bytes mixed = hex(vectors::private_key);
  mixed[40] ^= 1;
  EXPECT_EQ(private_error(mixed), Errc::invalid);
}

TEST(KeyPair, names_the_type_of_a_key_that_cannot_be_an_identity) {
  const auto rsa = KeyPair::from_protobuf(hex("08001203aabbcc"));
  ASSERT_FALSE(rsa.has_value());
  EXPECT_EQ(rsa.error().code, Errc::unsupported);
  EXPECT_NE(rsa.error().detail.find("RSA"), std::string::npos);
  EXPECT_EQ(private_error(hex("08091203aabbcc")), Errc::unsupported);
}

TEST(KeyPair, refuses_damaged_files) {
  const Bytes good = hex(vectors::private_key);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(private_error(BytesView(good).first(size)), Errc::invalid) << size;
  }
  EXPECT_EQ(private_error(Bytes(limits::private_key_bytes + 1)), Errc::too_large);
}

TEST(KeyPair, prints_as_stars) { EXPECT_EQ(fmt::format("{}", vectors::key_pair()), "***"); }

}  // namespace
}  // namespace goop::p2p
