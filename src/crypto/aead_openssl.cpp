#include <openssl/evp.h>

#include <limits>

#include "crypto/aead_engine.h"

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

class OpenSslAead final : public AeadEngine {
 public:
  explicit OpenSslAead(const Secret<32>& key) : context_(EVP_CIPHER_CTX_new()) {
    GOOP_ASSERT(context_ != nullptr);
    must(EVP_CipherInit_ex2(context_.get(), chacha_poly(), key.view().data(), nullptr, 1, nullptr));
  }

  void seal(const Nonce& nonce, BytesView aad, std::span<const BytesView> parts,
            MutBytes out) override {
    start(Use::sealing, nonce, aad);
    int written = 0;
    for (const BytesView part : parts) {
      if (part.empty()) continue;
      must(
          EVP_CipherUpdate(context_.get(), out.data(), &written, part.data(), as_int(part.size())));
      out = out.subspan(part.size());
    }
    must(EVP_CipherFinal_ex(context_.get(), out.data(), &written));
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, ChaChaPoly::tag_bytes,
                             out.data()));
  }

  bool open(const Nonce& nonce, BytesView aad, BytesView ciphertext, const Tag& tag,
            MutBytes out) override {
    start(Use::opening, nonce, aad);
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, ChaChaPoly::tag_bytes,
                             const_cast<std::uint8_t*>(tag.data())));
    int written = 0;
    if (!ciphertext.empty()) {
      must(EVP_CipherUpdate(context_.get(), out.data(), &written, ciphertext.data(),
                            as_int(ciphertext.size())));
    }
    Tag none;
    return EVP_CipherFinal_ex(context_.get(), none.data(), &written) == 1;
  }

 private:
  enum class Use { opening = 0, sealing = 1 };
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };

  void start(Use use, const Nonce& nonce, BytesView aad) {
    must(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), static_cast<int>(use),
                            nullptr));
    int written = 0;
    if (!aad.empty()) {
      must(EVP_CipherUpdate(context_.get(), nullptr, &written, aad.data(), as_int(aad.size())));
    }
  }

  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

}  // namespace

std::unique_ptr<AeadEngine> openssl_aead(const Secret<32>& key) {
  return std::make_unique<OpenSslAead>(key);
}

}  // namespace goop::crypto
