#include "crypto/verify.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/der.h"
#include "crypto/limits.h"

namespace goop::crypto {
namespace {

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
template <class T, auto free_function>
using Owned = std::unique_ptr<T, FreeWith<free_function>>;

using Number = Owned<BIGNUM, BN_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

// From values that are already known to be well-formed; null when they are no key.
std::shared_ptr<EVP_PKEY> key_from(const char* algorithm, OSSL_PARAM* parameters) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> point_on_curve(const char* curve, BytesView point) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  return key_from("EC", parameters);
}

constexpr std::uint8_t rsa_encryption_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                               0x0d, 0x01, 0x01, 0x01};

// SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 up to the point; all of it is fixed.
constexpr std::uint8_t p256_prefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::size_t p256_point_bytes = 65;
constexpr std::size_t secp256k1_point_bytes = 33;

struct RsaNumbers {
  BytesView modulus, exponent;
};

// RFC 5280 SubjectPublicKeyInfo around RFC 8017 RSAPublicKey.
Result<RsaNumbers> read_rsa(BytesView spki) {
  DerReader outer(spki);
  GOOP_TRY(BytesView info, outer.element(DerReader::sequence));
  GOOP_CHECK(outer.end());

  DerReader parts(info);
  GOOP_TRY(BytesView identifier, parts.element(DerReader::sequence));
  DerReader algorithm(identifier);
  GOOP_TRY(BytesView oid, algorithm.element(DerReader::object_id));
  if (!equal(oid, rsa_encryption_oid)) return fail(Errc::unsupported, "the key is not RSA");
  GOOP_TRY(BytesView nothing, algorithm.element(DerReader::null));
  if (!nothing.empty()) return fail(Errc::invalid, "RSA parameters are not empty");
  GOOP_CHECK(algorithm.end());
  GOOP_TRY(BytesView bits, parts.bit_string_bytes());
  GOOP_CHECK(parts.end());

  DerReader wrapped(bits);
  GOOP_TRY(BytesView key, wrapped.element(DerReader::sequence));
  GOOP_CHECK(wrapped.end());
  DerReader numbers(key);
  GOOP_TRY(BytesView modulus, numbers.positive_integer());
  GOOP_TRY(BytesView exponent, numbers.positive_integer());
  GOOP_CHECK(numbers.end());
  return RsaNumbers{modulus, exponent};
}

Result<void> check_size(const RsaNumbers& key) {
  const std::size_t bits =
      key.modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(key.modulus[0]));
  if (bits < limits::rsa_min_bits) {
    return fail(Errc::invalid, "RSA key of {} bits, at least {} are needed", bits,
                limits::rsa_min_bits);
  }
  if (bits > limits::rsa_max_bits) {
    return fail(Errc::too_large, "RSA key of {} bits, at most {} are allowed", bits,
                limits::rsa_max_bits);
  }
  std::uint64_t exponent = 0;
  for (const auto byte : key.exponent) {
    if (exponent > limits::rsa_max_exponent) break;
    exponent = exponent << 8 | byte;
  }
  if (exponent < 3 || exponent % 2 == 0) return fail(Errc::invalid, "RSA exponent is not odd");
  if (exponent > limits::rsa_max_exponent) {
    return fail(Errc::too_large, "RSA exponent is over {}", limits::rsa_max_exponent);
  }
  if (key.modulus.back() % 2 == 0) return fail(Errc::invalid, "RSA modulus is even");
  return {};
}

}  // namespace

Result<VerifyKey> VerifyKey::rsa(BytesView spki) {
  if (spki.size() > limits::der_max_bytes) {
    return fail(Errc::too_large, "RSA key of {} bytes", spki.size());
  }
  GOOP_TRY(const RsaNumbers numbers, read_rsa(spki));
  GOOP_CHECK(check_size(numbers));

  const auto number = [](BytesView bytes) {
    return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  };
  const Number modulus = number(numbers.modulus), exponent = number(numbers.exponent);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  GOOP_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1);
  GOOP_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  auto key = key_from("RSA", parameters.get());
  if (!key) return fail(Errc::invalid, "the numbers are no RSA key");
  return VerifyKey(std::move(key));
}

Result<VerifyKey> VerifyKey::ecdsa_p256(BytesView spki) {
  if (spki.size() != sizeof(p256_prefix) + p256_point_bytes ||
      !equal(spki.first(sizeof(p256_prefix)), p256_prefix) || spki[sizeof(p256_prefix)] != 0x04) {
    return fail(Errc::unsupported, "the key is not ECDSA on P-256 with an uncompressed point");
  }
  auto key = point_on_curve("prime256v1", spki.subspan(sizeof(p256_prefix)));
  if (!key) return fail(Errc::invalid, "the point is not on P-256");
  return VerifyKey(std::move(key));
}

Result<VerifyKey> VerifyKey::secp256k1(BytesView point) {
  if (point.size() != secp256k1_point_bytes || (point[0] != 0x02 && point[0] != 0x03)) {
    return fail(Errc::invalid, "a secp256k1 key is a compressed point of 33 bytes");
  }
  auto key = point_on_curve("secp256k1", point);
  if (!key) return fail(Errc::invalid, "the point is not on secp256k1");
  return VerifyKey(std::move(key));
}

// The defaults are what libp2p uses: PKCS#1 v1.5 padding for RSA, DER signatures for ECDSA.
// OpenSSL re-encodes an ECDSA signature and compares, so only the one DER form of it passes.
bool VerifyKey::verify(BytesView message, BytesView signature) const {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace goop::crypto
