#include "p2p/multi/peer_id.h"

#include "crypto/hash.h"
#include "p2p/multi/base58.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/multibase.h"
#include "p2p/multi/multihash.h"
#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

constexpr std::uint8_t cid_v1 = 1;
constexpr std::uint8_t libp2p_key_codec = 0x72;
constexpr std::uint8_t cid_head[] = {cid_v1, libp2p_key_codec};  // both are varints of one byte

}  // namespace

Result<PeerId> PeerId::from_bytes(BytesView bytes) {
  if (bytes.size() > limits::peer_id_bytes) {
    return fail(Errc::too_large, "peer id of {} bytes", bytes.size());
  }
  GOOP_TRY(const Multihash hash, read_multihash(bytes));
  if (hash.code != hash_code::identity && hash.code != hash_code::sha2_256) {
    return fail(Errc::unsupported, "peer id with hash function {:#x}", hash.code);
  }
  if (hash.digest.empty()) return fail(Errc::invalid, "peer id without content");
  PeerId id;
  std::ranges::copy(bytes, id.bytes_.begin());
  id.size_ = static_cast<std::uint8_t>(bytes.size());
  return id;
}

PeerId PeerId::from_key(const PublicKey& key) {
  Bytes bytes;
  if (key.protobuf().size() <= limits::inlined_key_bytes) {
    append_multihash(bytes, hash_code::identity, key.protobuf());
  } else {
    append_multihash(bytes, hash_code::sha2_256, crypto::sha256(key.protobuf()));
  }
  auto id = from_bytes(bytes);
  GOOP_ASSERT(id.has_value());
  return *id;
}

Result<PeerId> PeerId::parse(std::string_view text) {
  if (text.size() > limits::base_text_chars) {
    return fail(Errc::too_large, "peer id of {} characters, at most {} are read", text.size(),
                limits::base_text_chars);
  }
  if (text.starts_with("Qm") || text.starts_with('1')) {
    GOOP_TRY(const Bytes bytes, base58_decode(text));
    return from_bytes(bytes);
  }
  GOOP_TRY(const Bytes cid, multibase_decode(text));
  if (cid.size() < sizeof(cid_head) || !equal(BytesView(cid).first(sizeof(cid_head)), cid_head)) {
    return fail(Errc::invalid, "text is not the CID of a peer (version 1, libp2p-key)");
  }
  return from_bytes(BytesView(cid).subspan(sizeof(cid_head)));
}

std::string PeerId::to_cid_base36() const {
  Bytes cid(std::begin(cid_head), std::end(cid_head));
  append(cid, bytes());
  return multibase_encode(Base::base36, cid);
}

Result<PeerId> PeerId::from_label(std::string_view label) {
  if (!label.starts_with(static_cast<char>(Base::base36))) {
    return fail(Errc::invalid, "the label of a peer starts with 'k'");
  }
  GOOP_TRY(const PeerId id, parse(label));
  if (id.to_cid_base36() != label) return fail(Errc::invalid, "label is not in canonical form");
  return id;
}

std::string PeerId::to_string() const { return base58_encode(bytes()); }

Result<PublicKey> PeerId::public_key() const {
  const auto hash = read_multihash(bytes());
  if (!hash || hash->code != hash_code::identity) {
    return fail(Errc::not_found, "the peer id holds only a hash of the key");
  }
  GOOP_TRY(PublicKey key, PublicKey::from_protobuf(hash->digest));
  if (!matches(key)) return fail(Errc::invalid, "the key in the peer id is not in canonical form");
  return key;
}

}  // namespace goop::p2p
