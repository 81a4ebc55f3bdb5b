#include "crypto/aead.h"

#include <openssl/evp.h>

namespace goop::crypto {
namespace {

const EVP_CIPHER* chacha_poly() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  GOOP_ASSERT(cipher != nullptr);
  return cipher;
}

void must(int result) { GOOP_ASSERT(result == 1); }

int as_int(std::size_t size) {
  GOOP_ASSERT(size <= std::numeric_limits<int>::max());
  return static_cast<int>(size);
}

}  // namespace

void ChaChaPoly::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

ChaChaPoly::ChaChaPoly(const Secret<32>& key) : context_(EVP_CIPHER_CTX_new()) {
  GOOP_ASSERT(context_ != nullptr);
  must(EVP_CipherInit_ex2(context_.get(), chacha_poly(), key.view().data(), nullptr, 1, nullptr));
}

void ChaChaPoly::start(Use use, std::uint64_t nonce, BytesView aad) {
  std::array<std::uint8_t, 12> iv{};
  for (std::size_t i = 0; i < 8; ++i) iv[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  must(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, iv.data(), static_cast<int>(use),
                          nullptr));
  int written = 0;
  if (!aad.empty()) {
    must(EVP_CipherUpdate(context_.get(), nullptr, &written, aad.data(), as_int(aad.size())));
  }
}

std::size_t ChaChaPoly::seal(std::uint64_t nonce, BytesView aad, std::span<const BytesView> parts,
                             MutBytes out) {
  start(Use::sealing, nonce, aad);
  std::size_t size = 0;
  int written = 0;
  for (const BytesView part : parts) {
    if (part.empty()) continue;
    GOOP_ASSERT(part.size() + tag_bytes <= out.size() - size);
    must(EVP_CipherUpdate(context_.get(), out.data() + size, &written, part.data(),
                          as_int(part.size())));
    size += part.size();
  }
  GOOP_ASSERT(size + tag_bytes <= out.size());
  must(EVP_CipherFinal_ex(context_.get(), out.data() + size, &written));
  must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out.data() + size));
  return size + tag_bytes;
}

std::size_t ChaChaPoly::seal(std::uint64_t nonce, BytesView aad, BytesView plaintext,
                             MutBytes out) {
  return seal(nonce, aad, std::span(&plaintext, 1), out);
}

bool ChaChaPoly::open(std::uint64_t nonce, BytesView aad, BytesView sealed, MutBytes out) {
  if (sealed.size() < tag_bytes) return false;
  const BytesView ciphertext = sealed.first(sealed.size() - tag_bytes);
  GOOP_ASSERT(out.size() >= ciphertext.size());
  std::array<std::uint8_t, tag_bytes> tag;
  std::ranges::copy(sealed.last(tag_bytes), tag.begin());

  start(Use::opening, nonce, aad);
  must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()));
  int written = 0;
  if (!ciphertext.empty()) {
    must(EVP_CipherUpdate(context_.get(), out.data(), &written, ciphertext.data(),
                          as_int(ciphertext.size())));
  }
  std::uint8_t none[tag_bytes];
  return EVP_CipherFinal_ex(context_.get(), none, &written) == 1;
}

}  // namespace goop::crypto
