// The keys behind peer ids.
//
// A PublicKey of any of libp2p's four types verifies; we sign with Ed25519 alone. Its canonical
// bytes are kept, because peer ids are made of them.
//
// Spec:   libp2p/specs peer-ids.   Limits: limits::key_bytes, crypto/limits.h
// Errors: invalid, too_large, unsupported; the text says what is wrong with the key.
#pragma once

#include <memory>
#include <variant>

#include "base/bytes.h"
#include "crypto/ed25519.h"
#include "crypto/secret.h"
#include "crypto/verify.h"

namespace goop::p2p {

enum class KeyType { rsa = 0, ed25519 = 1, secp256k1 = 2, ecdsa = 3 };  // values of the wire
std::string_view name(KeyType type);

class PublicKey {
 public:
  explicit PublicKey(const crypto::Ed25519Public& key);
  static Result<PublicKey> from_protobuf(BytesView bytes);

  KeyType type() const { return type_; }
  BytesView protobuf() const { return protobuf_; }  // canonical serialisation
  bool verify(BytesView message, BytesView signature) const;

  bool operator==(const PublicKey& other) const { return protobuf_ == other.protobuf_; }

 private:
  using Verifier = std::variant<crypto::Ed25519Public, crypto::VerifyKey>;
  PublicKey(KeyType type, BytesView data, Verifier verifier);

  KeyType type_;
  Bytes protobuf_;
  Verifier verifier_;
};

// Our own identity: Ed25519.
class KeyPair {
 public:
  static constexpr std::size_t protobuf_bytes = 68;

  static KeyPair from_seed(const crypto::Secret<32>& seed);  // 32 bytes of Runtime::random

  // A private key file: the 68-byte form, or the old one with the public key twice. Every copy of
  // the public half must belong to the seed. unsupported: a key of another type.
  static Result<KeyPair> from_protobuf(BytesView bytes);
  crypto::Secret<protobuf_bytes> protobuf() const;

  const PublicKey& public_key() const { return public_; }
  crypto::Ed25519Signature sign(BytesView message) const { return key_.sign(message); }

 private:
  explicit KeyPair(crypto::Ed25519Key key) : key_(std::move(key)), public_(key_.public_key()) {}

  crypto::Ed25519Key key_;
  PublicKey public_;
};

}  // namespace goop::p2p

template <>
struct fmt::formatter<goop::p2p::KeyPair> : fmt::formatter<std::string_view> {
  auto format(const goop::p2p::KeyPair&, format_context& context) const {
    return formatter<std::string_view>::format("***", context);
  }
};
