#include "crypto/password.h"

#include <sodium.h>

#include "base/error.h"
#include "crypto/sodium.h"

namespace goop::crypto {
namespace {

constexpr auto passes = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr auto memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

}  // namespace

std::string hash_password(std::string_view password) {
  sodium_ready();
  char text[crypto_pwhash_STRBYTES];
  const int done = crypto_pwhash_str_alg(text, password.data(), password.size(), passes, memory,
                                         crypto_pwhash_ALG_ARGON2ID13);
  if (done != 0) raise(Errc::busy, "no memory to hash a password with");
  return text;
}

bool is_password_hash(std::string_view text) {
  sodium_ready();
  if (!text.starts_with(crypto_pwhash_argon2id_STRPREFIX)) return false;
  if (text.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string ended(text);  // the library wants a zero behind it
  return crypto_pwhash_str_needs_rehash(ended.c_str(), passes, memory) >= 0;
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (!is_password_hash(hash)) return false;
  const std::string ended(hash);
  return crypto_pwhash_str_verify(ended.c_str(), password.data(), password.size()) == 0;
}

}  // namespace goop::crypto
