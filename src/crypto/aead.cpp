#include "crypto/aead.h"

#include "crypto/aead_engine.h"

namespace goop::crypto {
namespace {

AeadLibrary choose() {
#ifdef __x86_64__
  const bool avx2_at_most = __builtin_cpu_supports("avx2") && !__builtin_cpu_supports("avx512f");
  if (avx2_at_most && gcrypt_aead(Secret<32>())) return AeadLibrary::gcrypt;
#endif
  return AeadLibrary::openssl;
}

std::unique_ptr<AeadEngine> engine_of(const Secret<32>& key, AeadLibrary library) {
  return library == AeadLibrary::gcrypt ? gcrypt_aead(key) : openssl_aead(key);
}

AeadEngine::Nonce nonce_of(std::uint64_t counter) {
  AeadEngine::Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

}  // namespace

AeadLibrary fastest_aead() {
  static const AeadLibrary fastest = choose();
  return fastest;
}

ChaChaPoly::ChaChaPoly(const Secret<32>& key, AeadLibrary library)
    : engine_(engine_of(key, library)) {
  GOOP_ASSERT(engine_ != nullptr);
}

ChaChaPoly::ChaChaPoly(ChaChaPoly&&) noexcept = default;
ChaChaPoly& ChaChaPoly::operator=(ChaChaPoly&&) noexcept = default;
ChaChaPoly::~ChaChaPoly() = default;

std::size_t ChaChaPoly::seal(std::uint64_t nonce, BytesView aad, std::span<const BytesView> parts,
                             MutBytes out) {
  std::size_t size = tag_bytes;
  for (const BytesView part : parts) size += part.size();
  GOOP_ASSERT(size <= out.size());
  engine_->seal(nonce_of(nonce), aad, parts, out.first(size));
  return size;
}

std::size_t ChaChaPoly::seal(std::uint64_t nonce, BytesView aad, BytesView plaintext,
                             MutBytes out) {
  return seal(nonce, aad, std::span(&plaintext, 1), out);
}

bool ChaChaPoly::open(std::uint64_t nonce, BytesView aad, BytesView sealed, MutBytes out) {
  if (sealed.size() < tag_bytes) return false;
  const BytesView ciphertext = sealed.first(sealed.size() - tag_bytes);
  GOOP_ASSERT(out.size() >= ciphertext.size());
  AeadEngine::Tag tag;  // a copy: opening in place overwrites what surrounds it
  std::ranges::copy(sealed.last(tag_bytes), tag.begin());
  return engine_->open(nonce_of(nonce), aad, ciphertext, tag, out);
}

}  // namespace goop::crypto
