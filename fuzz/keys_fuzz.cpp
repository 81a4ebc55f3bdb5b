// deps: p2p_multi
//
// Public keys of strangers and private key files.
#include "base/bytes.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"

using namespace goop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto key = p2p::PublicKey::from_protobuf(input)) {
    GOOP_ASSERT(p2p::PublicKey::from_protobuf(key->protobuf()) == *key);
    GOOP_ASSERT(p2p::PeerId::from_key(*key).matches(*key));
    GOOP_ASSERT(!key->verify(as_bytes("message"), input));
  }
  if (const auto pair = p2p::KeyPair::from_protobuf(input)) {
    const auto bytes = pair->protobuf();
    GOOP_ASSERT(p2p::KeyPair::from_protobuf(bytes.view())->public_key() == pair->public_key());
    GOOP_ASSERT(pair->public_key().verify(input, pair->sign(input)));
  }
  return 0;
}
