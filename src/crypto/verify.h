// Signatures that we check but never make: RSA, ECDSA P-256 and secp256k1, each over SHA-256.
//
// Keys come from strangers, so their form is checked by a strict DER walk (definite minimal
// lengths, nothing left over) and their size before any arithmetic is done.
//
// Thread: any; a key is immutable and copies share it.   Limits: crypto/limits.h
// Errors: invalid (form), too_large (size), unsupported (another algorithm or curve).
#pragma once

#include <memory>

#include "base/bytes.h"

struct evp_pkey_st;

namespace goop::crypto {

class VerifyKey {
 public:
  // RSA as SubjectPublicKeyInfo DER; verifies PKCS#1 v1.5.
  static Result<VerifyKey> rsa(BytesView spki);
  // ECDSA P-256 as SubjectPublicKeyInfo DER with an uncompressed point; signatures are DER.
  static Result<VerifyKey> ecdsa_p256(BytesView spki);
  // secp256k1 as a compressed point of 33 bytes; signatures are DER.
  static Result<VerifyKey> secp256k1(BytesView point);

  bool verify(BytesView message, BytesView signature) const;

 private:
  explicit VerifyKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace goop::crypto
