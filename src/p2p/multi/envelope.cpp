#include "p2p/multi/envelope.h"

#include "envelope.pb.h"
#include "p2p/multi/protobuf_guard.h"
#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

constexpr std::size_t repeats = limits::protobuf_repeats;

constexpr FieldLimit address_fields[] = {{1, repeats, limits::multiaddr_bytes}};
constexpr MessageLimits address_limits{address_fields};
constexpr FieldLimit record_fields[] = {
    {1, repeats, limits::peer_id_bytes},
    {2, repeats},
    {3, limits::record_addresses, 2 * limits::multiaddr_bytes, &address_limits}};
constexpr MessageLimits record_limits{record_fields};

// What is signed: domain, payload type and payload, each behind its length (RFC 0002).
Bytes signed_bytes(std::string_view domain, BytesView payload_type, BytesView payload) {
  Bytes bytes;
  append_prefixed(bytes, as_bytes(domain));
  append_prefixed(bytes, payload_type);
  append_prefixed(bytes, payload);
  return bytes;
}

Bytes serialised(const google::protobuf::MessageLite& message) {
  Bytes bytes(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(bytes.data());
  return bytes;
}

// The fields of an envelope, views into its bytes.
struct Opened {
  BytesView public_key, payload_type, payload, signature;
};

// Sizes and payload type; the key is not looked at yet.
Result<Opened> read_envelope(BytesView bytes, const EnvelopePurpose& purpose,
                             std::size_t max_bytes) {
  const FieldLimit fields[] = {{1, repeats, limits::key_bytes},
                               {2, repeats, limits::payload_type_bytes},
                               {3, repeats, max_bytes},
                               {5, repeats, limits::signature_bytes}};
  GOOP_CHECK(check_protobuf(bytes, MessageLimits{fields}, max_bytes));
  Opened envelope;
  for (ProtobufReader reader(bytes);;) {
    GOOP_TRY(const auto field, reader.next());
    if (!field) break;
    if (field->kind != ProtobufField::Kind::bytes) continue;
    if (field->number == 1) envelope.public_key = field->bytes;
    if (field->number == 2) envelope.payload_type = field->bytes;
    if (field->number == 3) envelope.payload = field->bytes;
    if (field->number == 5) envelope.signature = field->bytes;
  }
  if (!equal(envelope.payload_type, purpose.payload_type)) {
    return fail(Errc::unsupported, "envelope with another type of payload");
  }
  return envelope;
}

Result<void> check_signature(const PublicKey& key, const Opened& envelope,
                             const EnvelopePurpose& purpose) {
  const Bytes covered = signed_bytes(purpose.domain, envelope.payload_type, envelope.payload);
  if (!key.verify(covered, envelope.signature)) {
    return fail(Errc::unverified, "the envelope's signature does not hold");
  }
  return {};
}

Result<PeerRecord> record_about(const PeerId& signer, BytesView payload) {
  GOOP_TRY(PeerRecord record, decode_peer_record(payload));
  if (record.peer != signer) {
    return fail(Errc::unverified, "peer record of {} is signed by {}", record.peer, signer);
  }
  return record;
}

}  // namespace

Bytes seal_envelope(const KeyPair& key, const EnvelopePurpose& purpose, BytesView payload) {
  const auto signature = key.sign(signed_bytes(purpose.domain, purpose.payload_type, payload));
  pb::Envelope message;
  const BytesView public_key = key.public_key().protobuf();
  message.set_public_key(public_key.data(), public_key.size());
  message.set_payload_type(purpose.payload_type.data(), purpose.payload_type.size());
  message.set_payload(payload.data(), payload.size());
  message.set_signature(signature.data(), signature.size());
  return serialised(message);
}

Result<Envelope> open_envelope(BytesView bytes, const EnvelopePurpose& purpose,
                               std::size_t max_bytes) {
  GOOP_TRY(const Opened envelope, read_envelope(bytes, purpose, max_bytes));
  GOOP_TRY(PublicKey key, PublicKey::from_protobuf(envelope.public_key));
  GOOP_CHECK(check_signature(key, envelope, purpose));
  return Envelope{std::move(key), to_bytes(envelope.payload)};
}

Result<BytesView> open_envelope_of(const PublicKey& signer, BytesView bytes,
                                   const EnvelopePurpose& purpose, std::size_t max_bytes) {
  GOOP_TRY(const Opened envelope, read_envelope(bytes, purpose, max_bytes));
  if (!equal(envelope.public_key, signer.protobuf())) {
    return fail(Errc::unverified, "the envelope is signed by another key");
  }
  GOOP_CHECK(check_signature(signer, envelope, purpose));
  return envelope.payload;
}

Result<BytesView> unchecked_payload(BytesView bytes, const EnvelopePurpose& purpose,
                                    std::size_t max_bytes) {
  GOOP_TRY(const Opened envelope, read_envelope(bytes, purpose, max_bytes));
  return envelope.payload;
}

Bytes encode_peer_record(const PeerRecord& record) {
  GOOP_ASSERT(record.addresses.size() <= limits::record_addresses);
  pb::PeerRecord message;
  const BytesView id = record.peer.bytes();
  message.set_peer_id(id.data(), id.size());
  message.set_seq(record.seq);
  for (const Multiaddr& address : record.addresses) {
    message.add_addresses()->set_multiaddr(address.bytes().data(), address.bytes().size());
  }
  return serialised(message);
}

Result<PeerRecord> decode_peer_record(BytesView payload) {
  GOOP_CHECK(check_protobuf(payload, record_limits, limits::envelope_bytes));
  pb::PeerRecord message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return fail(Errc::invalid, "peer record is not a protobuf message");
  }
  PeerRecord record;
  GOOP_TRY(record.peer, PeerId::from_bytes(as_bytes(message.peer_id())));
  record.seq = message.seq();
  for (const auto& entry : message.addresses()) {
    const auto address = Multiaddr::from_bytes(as_bytes(entry.multiaddr()));
    if (!address) continue;
    const auto peer = address->peer_id();
    if (peer && *peer != record.peer) continue;  // the way to somebody else
    Multiaddr place = address->without_peer();
    if (!place.empty()) record.addresses.push_back(std::move(place));
  }
  return record;
}

Bytes seal_peer_record(const KeyPair& key, std::uint64_t seq,
                       std::span<const Multiaddr> addresses) {
  const PeerRecord record{
      PeerId::from_key(key.public_key()), seq, {addresses.begin(), addresses.end()}};
  return seal_envelope(key, purpose::peer_record, encode_peer_record(record));
}

Result<PeerRecord> open_peer_record(BytesView envelope) {
  GOOP_TRY(const Envelope opened, open_envelope(envelope, purpose::peer_record));
  return record_about(opened.signer(), opened.payload);
}

Result<PeerRecord> open_peer_record_of(const PublicKey& sender, BytesView envelope) {
  GOOP_TRY(const auto payload, open_envelope_of(sender, envelope, purpose::peer_record));
  return record_about(PeerId::from_key(sender), payload);
}

}  // namespace goop::p2p
