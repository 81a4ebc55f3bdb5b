#include "p2p/secure/noise_handshake.h"

#include "noise_payload.pb.h"
#include "p2p/multi/protobuf_guard.h"
#include "p2p/multi/protocol_id.h"

namespace goop::p2p {
namespace {

constexpr std::size_t key_bytes = std::tuple_size_v<crypto::X25519Public>;

constexpr FieldLimit extension_fields[] = {
    {.number = 1, .max_count = limits::noise_certhashes, .max_bytes = limits::noise_payload_bytes},
    {.number = 2, .max_count = limits::noise_muxers, .max_bytes = limits::protocol_id_bytes},
};
constexpr MessageLimits extension_limits{.fields = extension_fields};
constexpr FieldLimit payload_fields[] = {
    {.number = 1, .max_count = 1, .max_bytes = limits::key_bytes},
    {.number = 2, .max_count = 1, .max_bytes = limits::noise_signature_bytes},
    {.number = 4, .max_bytes = limits::noise_payload_bytes, .nested = &extension_limits},
};
constexpr MessageLimits payload_limits{.fields = payload_fields};

Bytes signed_text(const crypto::X25519Public& static_key) {
  Bytes text = to_bytes("noise-libp2p-static-key:");
  append(text, static_key);
  return text;
}

// Takes `count` bytes off the front of `message`.
Result<BytesView> take(BytesView& message, std::size_t count) {
  if (message.size() < count) {
    return fail(Errc::violation, "noise handshake: a message that is too short");
  }
  const BytesView front = message.first(count);
  message = message.subspan(count);
  return front;
}

}  // namespace

HandshakeSecrets HandshakeSecrets::from(Runtime& runtime) {
  HandshakeSecrets secrets;
  runtime.random(secrets.ephemeral_key.mut());
  runtime.random(secrets.static_key.mut());
  return secrets;
}

NoiseHandshake::NoiseHandshake(HandshakeRole role, const KeyPair& identity,
                               const HandshakeSecrets& secrets, std::optional<PeerId> expected,
                               EarlyMuxer muxer)
    : role_(role),
      identity_(identity),
      expected_(expected),
      muxer_(muxer),
      ephemeral_(secrets.ephemeral_key),
      static_(secrets.static_key) {}

Result<Bytes> NoiseHandshake::next_message() {
  GOOP_ASSERT(our_turn());
  Bytes message;
  if (next_ < 2) {
    append(message, ephemeral_.public_key());
    state_.mix_hash(ephemeral_.public_key());
  }
  if (next_ == 0) {
    state_.seal(message, {});  // an empty payload, in clear
  } else {
    if (next_ == 1) GOOP_CHECK(agree(ephemeral_, remote_ephemeral_));
    GOOP_CHECK(write_identity(message));
  }
  ++next_;
  return message;
}

Result<void> NoiseHandshake::on_message(BytesView message) {
  GOOP_ASSERT(!done() && !our_turn());
  if (message.size() > limits::noise_handshake_bytes) {
    return fail(Errc::too_large, "noise handshake: a message of {} bytes", message.size());
  }
  if (next_ < 2) GOOP_CHECK(read_ephemeral(message));
  if (next_ == 0) {
    GOOP_CHECK(state_.open(message));  // nobody sends a payload here; one is not read
  } else {
    if (next_ == 1) GOOP_CHECK(agree(ephemeral_, remote_ephemeral_));
    GOOP_CHECK(read_identity(message));
  }
  ++next_;
  return {};
}

// The second half of messages 2 and 3 from their sender's side: the static key, its agreement with
// the other side's ephemeral one, and the payload.
Result<void> NoiseHandshake::write_identity(Bytes& to) {
  state_.seal(to, static_.public_key());
  GOOP_CHECK(agree(static_, remote_ephemeral_));
  state_.seal(to, payload());
  return {};
}

Result<void> NoiseHandshake::read_identity(BytesView& message) {
  GOOP_TRY(const BytesView sealed, take(message, key_bytes + crypto::ChaChaPoly::tag_bytes));
  GOOP_TRY(const Bytes static_key, state_.open(sealed));
  std::copy(static_key.begin(), static_key.end(), remote_static_.begin());
  GOOP_CHECK(agree(ephemeral_, remote_static_));
  GOOP_TRY(const Bytes payload, state_.open(message));
  return check_payload(payload);
}

Result<void> NoiseHandshake::read_ephemeral(BytesView& message) {
  GOOP_TRY(const BytesView key, take(message, key_bytes));
  std::copy(key.begin(), key.end(), remote_ephemeral_.begin());
  state_.mix_hash(key);
  return {};
}

Result<void> NoiseHandshake::agree(const crypto::X25519Key& ours,
                                   const crypto::X25519Public& theirs) {
  GOOP_TRY(const auto shared, ours.shared(theirs));
  state_.mix_key(shared);
  return {};
}

Bytes NoiseHandshake::payload() const {
  const auto signature = identity_.sign(signed_text(static_.public_key()));
  pb::NoiseHandshakePayload message;
  message.set_identity_key(to_text(identity_.public_key().protobuf()));
  message.set_identity_sig(to_text(signature));
  if (muxer_ == EarlyMuxer::offer) {
    message.mutable_extensions()->add_stream_muxers(protocol::yamux.text());
  }
  return to_bytes(message.SerializeAsString());
}

Result<void> NoiseHandshake::check_payload(BytesView bytes) {
  GOOP_CHECK(check_protobuf(bytes, payload_limits, limits::noise_payload_bytes));
  pb::NoiseHandshakePayload message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(Errc::invalid, "noise handshake: the payload is no protobuf message");
  }
  GOOP_TRY(PublicKey key, PublicKey::from_protobuf(as_bytes(message.identity_key())));
  if (const PeerId id = PeerId::from_key(key); expected_ && *expected_ != id) {
    return fail(Errc::unverified, "expected peer {}, found {}", *expected_, id);
  }
  if (!key.verify(signed_text(remote_static_), as_bytes(message.identity_sig()))) {
    return fail(Errc::unverified, "noise handshake: the identity's signature does not hold");
  }
  const auto& muxers = message.extensions().stream_muxers();
  remote_offers_yamux_ = std::ranges::find(muxers, protocol::yamux.text()) != muxers.end();
  remote_key_ = std::move(key);
  return {};
}

HandshakeResult NoiseHandshake::result() const {
  GOOP_ASSERT(done() && remote_key_);
  const crypto::HkdfPair keys = state_.split();
  const bool initiator = role_ == HandshakeRole::initiator;
  return {.remote = PeerId::from_key(*remote_key_),
          .remote_key = *remote_key_,
          .early_yamux = muxer_ == EarlyMuxer::offer && remote_offers_yamux_,
          .key_send = initiator ? keys.first : keys.second,
          .key_receive = initiator ? keys.second : keys.first,
          .hash = state_.hash()};
}

Task<HandshakeResult> handshake(Duplex& over, NoiseHandshake machine, Deadline by) {
  while (!machine.done()) {
    if (machine.our_turn()) {
      const Bytes message = or_raise(machine.next_message());
      Bytes frame{static_cast<std::uint8_t>(message.size() >> 8),
                  static_cast<std::uint8_t>(message.size())};
      append(frame, message);
      co_await over.write(frame, by);
      continue;
    }
    std::array<std::uint8_t, 2> size{};
    co_await read_exactly(over, size, by);
    const auto length = static_cast<std::size_t>(size[0] << 8 | size[1]);
    if (length > limits::noise_handshake_bytes) {
      raise(Errc::too_large, "noise handshake: a message of {} bytes", length);
    }
    Bytes message(length);
    co_await read_exactly(over, message, by);
    or_raise(machine.on_message(message));
  }
  co_return machine.result();
}

}  // namespace goop::p2p
