#include <gcrypt.h>

#include "crypto/aead_engine.h"

namespace goop::crypto {
namespace {

void must(gcry_error_t error) { GOOP_ASSERT(error == 0); }

// Before its first use the library is told that it need not lock memory for keys: whoever holds
// them here has them in ordinary memory, too, and wipes them.
bool library_ready() {
  static const bool ready = [] {
    if (gcry_check_version(nullptr) == nullptr) return false;
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) return true;
    return gcry_control(GCRYCTL_DISABLE_SECMEM, 0) == 0 &&
           gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
  }();
  return ready;
}

struct Close {
  void operator()(gcry_cipher_hd_t cipher) const { gcry_cipher_close(cipher); }  // wipes the key
};
using Cipher = std::unique_ptr<std::remove_pointer_t<gcry_cipher_hd_t>, Close>;

class GcryptAead final : public AeadEngine {
 public:
  GcryptAead(Cipher cipher, const Secret<32>& key) : cipher_(std::move(cipher)) {
    must(gcry_cipher_setkey(cipher_.get(), key.view().data(), key.view().size()));
  }

  void seal(const Nonce& nonce, BytesView aad, std::span<const BytesView> parts,
            MutBytes out) override {
    start(nonce, aad);
    for (const BytesView part : parts) {
      if (part.empty()) continue;
      must(gcry_cipher_encrypt(cipher_.get(), out.data(), part.size(), part.data(), part.size()));
      out = out.subspan(part.size());
    }
    must(gcry_cipher_gettag(cipher_.get(), out.data(), ChaChaPoly::tag_bytes));
  }

  bool open(const Nonce& nonce, BytesView aad, BytesView ciphertext, const Tag& tag,
            MutBytes out) override {
    start(nonce, aad);
    if (!ciphertext.empty()) {
      must(gcry_cipher_decrypt(cipher_.get(), out.data(), ciphertext.size(), ciphertext.data(),
                               ciphertext.size()));
    }
    return gcry_cipher_checktag(cipher_.get(), tag.data(), tag.size()) == 0;
  }

 private:
  void start(const Nonce& nonce, BytesView aad) {
    must(gcry_cipher_setiv(cipher_.get(), nonce.data(), nonce.size()));
    if (!aad.empty()) must(gcry_cipher_authenticate(cipher_.get(), aad.data(), aad.size()));
  }

  Cipher cipher_;
};

}  // namespace

std::unique_ptr<AeadEngine> gcrypt_aead(const Secret<32>& key) {
  gcry_cipher_hd_t cipher = nullptr;
  if (!library_ready() ||
      gcry_cipher_open(&cipher, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0) != 0) {
    return nullptr;
  }
  return std::make_unique<GcryptAead>(Cipher(cipher), key);
}

}  // namespace goop::crypto
