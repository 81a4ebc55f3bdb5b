#include "crypto/hash.h"

#include <openssl/evp.h>

namespace goop::crypto {
namespace {

constexpr std::size_t sha256_block_bytes = 64;

// Looked up once; a lookup per digest costs more than hashing a handshake message.
const EVP_MD* sha256_algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  GOOP_ASSERT(algorithm != nullptr);
  return algorithm;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  GOOP_ASSERT(context_ != nullptr);
  GOOP_ASSERT(EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1);
}

void Sha256::update(BytesView bytes) {
  GOOP_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  GOOP_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  GOOP_ASSERT(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
  return digest;
}

std::array<std::uint8_t, 20> sha1(BytesView bytes) {
  std::array<std::uint8_t, 20> digest;
  GOOP_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr) ==
              1);
  return digest;
}

Sha256Digest sha256(BytesView bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

// RFC 2104.
Sha256Digest hmac_sha256(BytesView key, BytesView message) {
  Secret<sha256_block_bytes> inner_pad, outer_pad;
  if (key.size() > sha256_block_bytes) {
    Secret<32> hashed(sha256(key));
    std::ranges::copy(hashed.view(), inner_pad.mut().begin());
  } else {
    std::ranges::copy(key, inner_pad.mut().begin());
  }
  outer_pad = inner_pad;
  for (auto& byte : inner_pad.mut()) byte ^= 0x36;
  for (auto& byte : outer_pad.mut()) byte ^= 0x5c;

  Sha256 hash;
  hash.update(inner_pad.view());
  hash.update(message);
  const Sha256Digest inner = hash.finish();
  hash.update(outer_pad.view());
  hash.update(inner);
  return hash.finish();
}

HkdfPair hkdf_sha256(BytesView chaining_key, BytesView input) {
  const Secret<32> extracted(hmac_sha256(chaining_key, input));
  HkdfPair pair;
  const std::uint8_t one[] = {1};
  pair.first = Secret<32>(hmac_sha256(extracted.view(), one));
  Secret<33> again;
  std::ranges::copy(pair.first.view(), again.mut().begin());
  again.mut()[32] = 2;
  pair.second = Secret<32>(hmac_sha256(extracted.view(), again.view()));
  return pair;
}

}  // namespace goop::crypto
