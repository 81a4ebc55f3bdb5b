#include "p2p/secure/noise_symmetric.h"

namespace goop::p2p {
namespace {

// Exactly as long as the hash, so the initial hash is the name itself.
constexpr std::string_view protocol_name = "Noise_XX_25519_ChaChaPoly_SHA256";
static_assert(protocol_name.size() == std::tuple_size_v<crypto::Sha256Digest>);

}  // namespace

NoiseSymmetric::NoiseSymmetric() {
  const BytesView name = as_bytes(protocol_name);
  std::copy(name.begin(), name.end(), hash_.begin());
  chaining_ = crypto::Secret<32>(hash_);
  mix_hash({});  // the prologue, empty
}

void NoiseSymmetric::mix_hash(BytesView bytes) {
  crypto::Sha256 sha;
  sha.update(hash_);
  sha.update(bytes);
  hash_ = sha.finish();
}

void NoiseSymmetric::mix_key(const crypto::Secret<32>& shared) {
  const crypto::HkdfPair pair = crypto::hkdf_sha256(chaining_.view(), shared.view());
  chaining_ = pair.first;
  key_ = pair.second;
  nonce_ = 0;
}

void NoiseSymmetric::seal(Bytes& to, BytesView plaintext) {
  const std::size_t start = to.size();
  if (!key_) {
    append(to, plaintext);
  } else {
    to.resize(start + plaintext.size() + crypto::ChaChaPoly::tag_bytes);
    crypto::ChaChaPoly cipher(*key_);
    cipher.seal(nonce_++, hash_, plaintext, MutBytes(to).subspan(start));
  }
  mix_hash(BytesView(to).subspan(start));
}

Result<Bytes> NoiseSymmetric::open(BytesView sealed) {
  Bytes plaintext;
  if (!key_) {
    plaintext = to_bytes(sealed);
  } else {
    if (sealed.size() < crypto::ChaChaPoly::tag_bytes) {
      return fail(Errc::violation, "noise handshake: a sealed part of {} bytes", sealed.size());
    }
    plaintext.resize(sealed.size() - crypto::ChaChaPoly::tag_bytes);
    crypto::ChaChaPoly cipher(*key_);
    if (!cipher.open(nonce_++, hash_, sealed, plaintext)) {
      return fail(Errc::unverified, "noise handshake: decryption failed");
    }
  }
  mix_hash(sealed);
  return plaintext;
}

crypto::HkdfPair NoiseSymmetric::split() const { return crypto::hkdf_sha256(chaining_.view(), {}); }

}  // namespace goop::p2p
