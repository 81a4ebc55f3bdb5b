// deps: p2p_secure
//
// Noise handshakes with one message replaced, damaged, or carrying a payload of the fuzzer's: what
// is accepted was honest. The first byte of the input chooses which.
#include "p2p/secure/noise_handshake.h"

namespace goop::p2p {
namespace {

crypto::Secret<32> filled(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(value);
  return crypto::Secret<32>(bytes);
}

const KeyPair& key() {
  static const KeyPair pair = KeyPair::from_seed(filled(5));
  return pair;
}

NoiseHandshake machine(HandshakeRole role) {
  const HandshakeSecrets secrets{.ephemeral_key = filled(1), .static_key = filled(2)};
  return {role, key(), secrets, std::nullopt};
}

Bytes damaged(Bytes message, BytesView by) {
  for (std::size_t i = 0; i + 1 < by.size(); i += 2) message[by[i] % message.size()] ^= by[i + 1];
  return message;
}

// A second message that keeps the cryptographic rules, with `payload` in it.
Bytes with_payload(BytesView first, BytesView payload) {
  const crypto::X25519Key ephemeral(filled(1)), fixed(filled(2));
  crypto::X25519Public remote;
  std::copy(first.begin(), first.end(), remote.begin());
  NoiseSymmetric state;
  state.mix_hash(remote);
  state.mix_hash({});
  Bytes message = to_bytes(ephemeral.public_key());
  state.mix_hash(message);
  state.mix_key(*ephemeral.shared(remote));
  state.seal(message, fixed.public_key());
  state.mix_key(*fixed.shared(remote));
  state.seal(message, payload);
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(data + 1, size - 1);
  NoiseHandshake one = machine(HandshakeRole::initiator), other = machine(HandshakeRole::responder);
  const Bytes first = *one.next_message();

  switch (data[0] % 6) {
    case 0:
      if (other.on_message(input)) (void)other.next_message();
      return 0;
    case 1:
      GOOP_ASSERT(!one.on_message(input) || input.size() > 200);
      return 0;
    case 2:
      if (one.on_message(with_payload(first, input))) GOOP_ASSERT(one.next_message());
      return 0;
    default:
      break;
  }

  GOOP_ASSERT(other.on_message(first));
  const Bytes second = *other.next_message();
  if (data[0] % 6 == 3) {
    const Bytes told = damaged(second, input);
    GOOP_ASSERT(one.on_message(told).has_value() == (told == second));
    return 0;
  }
  GOOP_ASSERT(one.on_message(second));
  const Bytes third = *one.next_message();
  const Bytes told = data[0] % 6 == 4 ? damaged(third, input) : to_bytes(input);
  GOOP_ASSERT(other.on_message(told).has_value() == (told == third));
  return 0;
}

}  // namespace goop::p2p
