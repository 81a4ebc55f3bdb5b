#include "p2p/multi/keys.h"

#include "keys.pb.h"
#include "p2p/multi/protobuf_guard.h"

namespace goop::p2p {
namespace {

constexpr FieldLimit key_fields[] = {{1, limits::protobuf_repeats},
                                     {2, limits::protobuf_repeats, limits::key_bytes}};
constexpr MessageLimits key_limits{key_fields};

constexpr std::size_t seed_bytes = 32;

Bytes canonical(KeyType type, BytesView data) {
  pb::PublicKey message;
  message.set_type(static_cast<pb::KeyType>(type));
  message.set_data(data.data(), data.size());
  Bytes bytes(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(bytes.data());
  return bytes;
}

struct PrivateFields {
  std::optional<std::uint64_t> type;
  std::optional<BytesView> data;
};

// By hand, so that no copy of a secret stays behind in a message object.
Result<PrivateFields> read_private(BytesView bytes) {
  PrivateFields fields;
  ProtobufReader reader(bytes);
  for (;;) {
    GOOP_TRY(const auto field, reader.next());
    if (!field) return fields;
    if (field->number == 1 && field->kind == ProtobufField::Kind::varint)
      fields.type = field->value;
    if (field->number == 2 && field->kind == ProtobufField::Kind::bytes) fields.data = field->bytes;
  }
}

}  // namespace

std::string_view name(KeyType type) {
  switch (type) {
    case KeyType::rsa:
      return "RSA";
    case KeyType::ed25519:
      return "Ed25519";
    case KeyType::secp256k1:
      return "secp256k1";
    case KeyType::ecdsa:
      return "ECDSA";
  }
  return "unknown";
}

PublicKey::PublicKey(const crypto::Ed25519Public& key) : PublicKey(KeyType::ed25519, key, key) {}

PublicKey::PublicKey(KeyType type, BytesView data, Verifier verifier)
    : type_(type), protobuf_(canonical(type, data)), verifier_(std::move(verifier)) {}

Result<PublicKey> PublicKey::from_protobuf(BytesView bytes) {
  GOOP_CHECK(check_protobuf(bytes, key_limits, limits::key_bytes));
  pb::PublicKey message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(Errc::invalid, "public key is not a protobuf message");
  }
  if (!message.has_data()) return fail(Errc::invalid, "public key without data");
  if (!message.has_type()) return fail(Errc::unsupported, "public key without a known type");
  const BytesView data = as_bytes(message.data());

  const auto with = [&](KeyType type, Result<crypto::VerifyKey> key) -> Result<PublicKey> {
    if (!key) return std::unexpected(std::move(key).error());
    return PublicKey(type, data, *std::move(key));
  };
  switch (message.type()) {
    case pb::RSA:
      return with(KeyType::rsa, crypto::VerifyKey::rsa(data));
    case pb::SECP256K1:
      return with(KeyType::secp256k1, crypto::VerifyKey::secp256k1(data));
    case pb::ECDSA:
      return with(KeyType::ecdsa, crypto::VerifyKey::ecdsa_p256(data));
    case pb::ED25519:
      break;
  }
  crypto::Ed25519Public key;
  if (data.size() != key.size()) {
    return fail(Errc::invalid, "Ed25519 public key of {} bytes, {} are needed", data.size(),
                key.size());
  }
  std::ranges::copy(data, key.begin());
  return PublicKey(key);
}

bool PublicKey::verify(BytesView message, BytesView signature) const {
  if (const auto* ed25519 = std::get_if<crypto::Ed25519Public>(&verifier_)) {
    return crypto::ed25519_verify(*ed25519, message, signature);
  }
  return std::get<crypto::VerifyKey>(verifier_).verify(message, signature);
}

KeyPair KeyPair::from_seed(const crypto::Secret<32>& seed) {
  return KeyPair(crypto::Ed25519Key(seed));
}

Result<KeyPair> KeyPair::from_protobuf(BytesView bytes) {
  if (bytes.size() > limits::private_key_bytes) {
    return fail(Errc::too_large, "private key of {} bytes", bytes.size());
  }
  GOOP_TRY(const PrivateFields fields, read_private(bytes));
  if (!fields.type || !fields.data) return fail(Errc::invalid, "private key lacks type or data");
  if (*fields.type > static_cast<std::uint64_t>(KeyType::ecdsa)) {
    return fail(Errc::unsupported, "private key of the unknown type {}", *fields.type);
  }
  if (const auto type = static_cast<KeyType>(*fields.type); type != KeyType::ed25519) {
    return fail(Errc::unsupported, "private key is {}; an identity must be Ed25519", name(type));
  }
  const BytesView data = *fields.data;
  if (data.size() != 2 * seed_bytes && data.size() != 3 * seed_bytes) {
    return fail(Errc::invalid, "Ed25519 private key of {} bytes, 64 (or 96 of old) are needed",
                data.size());
  }
  const crypto::Secret<32> seed(data.first<seed_bytes>());
  KeyPair pair = from_seed(seed);
  for (std::size_t at = seed_bytes; at < data.size(); at += seed_bytes) {
    if (!equal(data.subspan(at, seed_bytes), pair.key_.public_key())) {
      return fail(Errc::invalid, "the public half in the private key does not belong to it");
    }
  }
  return pair;
}

crypto::Secret<KeyPair::protobuf_bytes> KeyPair::protobuf() const {
  crypto::Secret<protobuf_bytes> bytes;
  constexpr std::uint8_t head[] = {0x08, 0x01, 0x12, 2 * seed_bytes};  // type Ed25519, data of 64
  auto out = std::ranges::copy(head, bytes.mut().begin()).out;
  const auto seed = key_.seed();
  out = std::ranges::copy(seed.view(), out).out;
  std::ranges::copy(key_.public_key(), out);
  return bytes;
}

}  // namespace goop::p2p
