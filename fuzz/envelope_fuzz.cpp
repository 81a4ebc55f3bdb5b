// deps: p2p_multi
//
// Signed envelopes and peer records: as they come in, and as the payload of a valid signature.
#include "base/bytes.h"
#include "p2p/multi/envelope.h"
#include "p2p/multi/limits.h"

using namespace goop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = p2p::KeyPair::from_seed({});
  const BytesView input(data, size);

  if (const auto record = p2p::open_peer_record(input)) {
    GOOP_ASSERT(p2p::decode_peer_record(p2p::encode_peer_record(*record)).has_value());
  }
  (void)p2p::open_peer_record_of(key.public_key(), input);

  if (const auto record = p2p::decode_peer_record(input)) {
    const auto again = p2p::decode_peer_record(p2p::encode_peer_record(*record)).value();
    GOOP_ASSERT(again.peer == record->peer && again.seq == record->seq);
    GOOP_ASSERT(again.addresses == record->addresses);
  }
  const auto sealed = p2p::seal_envelope(key, p2p::purpose::peer_record, input);
  if (sealed.size() <= p2p::limits::envelope_bytes) {
    const auto payload = p2p::open_envelope_of(key.public_key(), sealed, p2p::purpose::peer_record);
    GOOP_ASSERT(payload && equal(*payload, input));
    (void)p2p::open_peer_record(sealed);
  }
  return 0;
}
