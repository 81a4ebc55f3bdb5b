// deps: p2p_multi
//
// Peer ids from bytes, from text and from host labels.
#include "base/bytes.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"

using namespace goop;

namespace {

void check(const p2p::PeerId& id) {
  GOOP_ASSERT(p2p::PeerId::from_bytes(id.bytes()) == id);
  GOOP_ASSERT(p2p::PeerId::parse(id.to_cid_base36()) == id);
  GOOP_ASSERT(p2p::PeerId::from_label(id.to_cid_base36()) == id);
  GOOP_ASSERT(p2p::PeerId::parse(id.to_string()) == id);
  if (const auto key = id.public_key()) GOOP_ASSERT(p2p::PeerId::from_key(*key) == id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto id = p2p::PeerId::from_bytes(input)) check(*id);
  if (const auto id = p2p::PeerId::parse(as_text(input))) check(*id);
  if (const auto id = p2p::PeerId::from_label(as_text(input))) {
    GOOP_ASSERT(id->to_cid_base36() == as_text(input));
  }
  return 0;
}
