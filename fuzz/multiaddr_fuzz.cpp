// deps: p2p_multi
//
// Multiaddrs: what parses as bytes comes back through its text, and the other way round.
#include "base/bytes.h"
#include "p2p/multi/multiaddr.h"

using namespace goop;

namespace {

void check(const p2p::Multiaddr& address) {
  const auto text = address.to_string();
  GOOP_ASSERT(p2p::Multiaddr::parse(text) == address);
  GOOP_ASSERT(p2p::Multiaddr::from_bytes(address.bytes()) == address);
  GOOP_ASSERT(!address.components().empty());

  static const auto somebody =
      p2p::PeerId::parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq").value();
  const auto with_peer = address.with_peer(somebody);
  GOOP_ASSERT(with_peer.peer_id() == somebody);
  GOOP_ASSERT(p2p::Multiaddr::from_bytes(with_peer.bytes()) == with_peer);
  GOOP_ASSERT(with_peer.without_peer() == address.without_peer());
  GOOP_ASSERT(!address.is_plain_tcp() || address.tcp_endpoint().has_value());
  (void)address.scope();
  (void)address.is_circuit();
  (void)address.join(address);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto address = p2p::Multiaddr::from_bytes(input)) check(*address);
  if (const auto address = p2p::Multiaddr::parse(as_text(input))) check(*address);
  return 0;
}
