#include "crypto/verify.h"

#include <gtest/gtest.h>

#include "crypto/limits.h"

namespace goop::crypto {
namespace {

// Made once with the openssl program; each signature is over the ASCII text "message".
constexpr std::string_view rsa_2048_spki =
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100d2ead1b363ee0d6d386e96e5cd"
    "cc9ffaf457b7dc140093f788d753c39c0f0ccc4bfea14d35d790e5b9a75cd5cc66a23fff25eb4de1e2664f590140"
    "4922c3853acb280e5e6dad4354c9cff2bde6bd4a74fe450e0859d505fc0f797af591f5867272794e602500a147f5"
    "c4fc4b927910743d0e947cb2272a62ead3caf9e32c0d3af2aa2be2378f6db85888df59b9a863c68310801530f371"
    "1ad969617c09106f2dd4982dc4eb831a6a1d944c1852398da249e9896e3a6faf54c805dd56afb1baa8c3bacfbc66"
    "6a15197e86ce8b7390a07ef413ba26b9b397b883ec68194322adcbfbbc8841fc1164d96e7bae778dd392a7c67230"
    "8a230397d156bcc29d8375536f0203010001";
constexpr std::string_view rsa_2048_signature =
    "6c6008285c92e54245531a16bfc598cb1ae93b7de3a8783493bb4dc3befa76ef3644338e32dd10faa1ee0eb514e1"
    "1e59ed0bc05dfa709b0792fb3613a1efb82e2058431b2bcf0b571e71d477e2a06f2b7100a59c06e9d186b52e530e"
    "d682ceef56a4e8f61cd9181382fefd4bd692e73ef0329c42e88a7f4fc52c8a18f80acaacc2cdb93201f5c497e401"
    "7b4a5d03b2fed0be10494b70c639630dd7ab4a6e2a52f0b97e64a959aa84f8545a2958e8d87ae4783a5b8cd4ad6c"
    "3f7f0732161e03c09d652e26ebe93f3c24f6a75159408539efa8a538cf9904485fc6d6e0a5d210a2f75deda2e830"
    "f1678e0aad9ff607fdb46be06acae63b751c2004dfef70a36b65";
constexpr std::string_view rsa_1024_spki =
    "30819f300d06092a864886f70d010101050003818d0030818902818100b07e0c0d4ad99cf3a837df40b6239071d1"
    "086ac54b0739d63aeb032fbc2aa4271fdd2e56898268c65291660953157fce933700bb16d0d6a1066b8ec5c6aef0"
    "392db0e971e40ce1159e090399eba7dc538685fc8de419e8703ea5607c932a2087578110472a1a9650c08e6f9a60"
    "5dcead6af3d14186d0ccd9c267bb67c9fc89630203010001";
constexpr std::string_view p256_spki =
    "3059301306072a8648ce3d020106082a8648ce3d0301070342000480411cae4207d9e08db2d5177b647573e176b6"
    "9a9cab7d347de8db10f2ed122af7b6b2f841c383ea44a49d99ee9db20ee4a97595db2e84c82173580bdbd5d60f";
constexpr std::string_view p256_signature =
    "304502200a7f16beee26ff84436ad7ed34b3323bb19b5cf6e2fd96dfb72b88e9736f126b022100c298fecd9a06a8"
    "d4ddbb133219635e90bdb0abc01cf8d208aa6a2548b21e104a";
constexpr std::string_view secp256k1_point =
    "033040231c81a91872c53dc6409a99560ffecaf5032fe955c5224822f8b00d5bc8";
constexpr std::string_view secp256k1_signature =
    "3045022034d5aa5cd36b823b31f86fdc8d414cdb2e05ad0b8758bcf8b8c3325279dbe3b3022100894f3bf56588fc"
    "f18df3f303917f46af6d0f873296a414e60066c53051b8c12a";

const BytesView message = as_bytes("message");

Bytes hex(std::string_view text) { return from_hex(text).value(); }

void append_der(Bytes& to, std::uint8_t tag, BytesView content) {
  to.push_back(tag);
  if (content.size() >= 0x100) {
    to.insert(to.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8)});
  } else if (content.size() >= 0x80) {
    to.push_back(0x81);
  }
  to.push_back(static_cast<std::uint8_t>(content.size()));
  append(to, content);
}

// A well-formed RSA key with a modulus of `bits` bits that nobody has the primes of.
Bytes rsa_spki(std::size_t bits, BytesView exponent = Bytes{1, 0, 1}) {
  Bytes modulus((bits + 7) / 8, 0xff);
  modulus[0] = static_cast<std::uint8_t>(0xff >> (modulus.size() * 8 - bits));
  if (modulus[0] >= 0x80) modulus.insert(modulus.begin(), 0);
  Bytes numbers, key, info, spki;
  append_der(numbers, 0x02, modulus);
  append_der(numbers, 0x02, exponent);
  key.push_back(0);
  append_der(key, 0x30, numbers);
  info = hex("300d06092a864886f70d0101010500");
  append_der(info, 0x03, key);
  append_der(spki, 0x30, info);
  return spki;
}

Errc rsa_error(BytesView spki) {
  const auto key = VerifyKey::rsa(spki);
  return key ? Errc::internal : key.error().code;
}

TEST(VerifyKey, rsa_accepts_a_good_signature_only) {
  const auto key = VerifyKey::rsa(hex(rsa_2048_spki)).value();
  const Bytes signature = hex(rsa_2048_signature);
  EXPECT_TRUE(key.verify(message, signature));
  EXPECT_FALSE(key.verify(as_bytes("massage"), signature));
  EXPECT_FALSE(key.verify(message, BytesView(signature).first(255)));
  EXPECT_FALSE(key.verify(message, {}));
}

TEST(VerifyKey, rsa_keys_from_the_smallest_to_the_largest_allowed_are_taken) {
  EXPECT_TRUE(VerifyKey::rsa(rsa_spki(limits::rsa_min_bits)).has_value());
  EXPECT_TRUE(VerifyKey::rsa(rsa_spki(limits::rsa_max_bits)).has_value());
  EXPECT_EQ(rsa_error(rsa_spki(limits::rsa_min_bits - 1)), Errc::invalid);
  EXPECT_EQ(rsa_error(rsa_spki(limits::rsa_max_bits + 1)), Errc::too_large);
  EXPECT_EQ(rsa_error(hex(rsa_1024_spki)), Errc::invalid);
}

TEST(VerifyKey, CVE_2023_39533_rsa_of_16384_bits_is_refused_by_its_size) {
  const Bytes spki = rsa_spki(16384);
  const auto key = VerifyKey::rsa(spki);
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().code, Errc::too_large);
}

TEST(VerifyKey, rsa_exponents_are_bounded) {
  EXPECT_TRUE(VerifyKey::rsa(rsa_spki(2048, hex("7fffffff"))).has_value());
  EXPECT_EQ(rsa_error(rsa_spki(2048, hex("0080000001"))), Errc::too_large);
  EXPECT_EQ(rsa_error(rsa_spki(2048, Bytes(200, 0x7f))), Errc::too_large);
  EXPECT_EQ(rsa_error(rsa_spki(2048, Bytes{1})), Errc::invalid);
  EXPECT_EQ(rsa_error(rsa_spki(2048, Bytes{4})), Errc::invalid);
}

TEST(VerifyKey, rsa_der_is_strict) {
  const Bytes good = hex(rsa_2048_spki);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(rsa_error(BytesView(good).first(size)), Errc::invalid) << size;
  }
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(rsa_error(trailing), Errc::invalid);
  EXPECT_EQ(rsa_error(Bytes(limits::der_max_bytes + 1)), Errc::too_large);
  EXPECT_EQ(rsa_error(hex(p256_spki)), Errc::unsupported);
}

// The advisory's loop ran over a length of many bytes; ours takes at most two.
TEST(VerifyKey, GHSA_rvfr_cqwq_rc4j_long_and_indefinite_der_lengths_are_refused) {
  for (const auto* text : {"30ff", "3080", "3084ffffffff", "308800000000000000010000",
                           "3083000001ff", "30820001ff", "30810500"}) {
    EXPECT_EQ(rsa_error(hex(text)), Errc::invalid) << text;
  }
}

TEST(VerifyKey, ecdsa_p256_accepts_a_good_signature_only) {
  const auto key = VerifyKey::ecdsa_p256(hex(p256_spki)).value();
  Bytes signature = hex(p256_signature);
  EXPECT_TRUE(key.verify(message, signature));
  EXPECT_FALSE(key.verify(as_bytes("massage"), signature));
  signature.push_back(0);
  EXPECT_FALSE(key.verify(message, signature)) << "bytes after the DER signature";
}

TEST(VerifyKey, ecdsa_p256_refuses_other_forms_and_points_beside_the_curve) {
  Bytes spki = hex(p256_spki);
  spki.back() ^= 1;
  EXPECT_EQ(VerifyKey::ecdsa_p256(spki).error().code, Errc::invalid);
  spki.push_back(0);
  EXPECT_EQ(VerifyKey::ecdsa_p256(spki).error().code, Errc::unsupported);
  EXPECT_EQ(VerifyKey::ecdsa_p256(hex(rsa_2048_spki)).error().code, Errc::unsupported);
  EXPECT_EQ(VerifyKey::ecdsa_p256({}).error().code, Errc::unsupported);
}

TEST(VerifyKey, secp256k1_accepts_a_good_signature_only) {
  const auto key = VerifyKey::secp256k1(hex(secp256k1_point)).value();
  Bytes signature = hex(secp256k1_signature);
  EXPECT_TRUE(key.verify(message, signature));
  EXPECT_FALSE(key.verify(as_bytes("massage"), signature));
  signature.insert(signature.begin() + 1, 0x81);  // a length that is not in its shortest form
  EXPECT_FALSE(key.verify(message, signature));
}

TEST(VerifyKey, secp256k1_refuses_what_is_no_compressed_point) {
  Bytes point = hex(secp256k1_point);
  EXPECT_FALSE(VerifyKey::secp256k1(BytesView(point).first(32)).has_value());
  point[0] = 4;
  EXPECT_FALSE(VerifyKey::secp256k1(point).has_value());
  Bytes off_curve(33, 0xff);
  off_curve[0] = 2;
  EXPECT_FALSE(VerifyKey::secp256k1(off_curve).has_value());
}

}  // namespace
}  // namespace goop::crypto
