// deps: p2p_identify
//
// identify messages, alone and several behind each other: what is kept stays within its limits.
#include "p2p/multi/varint.h"
#include "p2p/protocols/identify/identify.h"

namespace goop::p2p {
namespace {

void check(const PeerFacts& facts) {
  GOOP_ASSERT(facts.protocols.size() <= limits::identify_protocols);
  GOOP_ASSERT(facts.addresses.size() <= limits::identify_addresses);
  GOOP_ASSERT(facts.agent.size() <= limits::identify_text_bytes + 3 && is_utf8(facts.agent));
  GOOP_ASSERT(facts.protocol_version.size() <= limits::identify_text_bytes + 3);
}

void finish(const IdentifyReader& reader, const PublicKey& key) {
  static const Multiaddr remotes[] = {Multiaddr::parse("/ip4/127.0.0.1/tcp/1").value(),
                                      Multiaddr::parse("/ip4/10.0.0.1/tcp/1").value(),
                                      Multiaddr::parse("/ip4/1.2.3.4/tcp/1").value()};
  for (const Multiaddr& remote : remotes) {
    const Identified result = reader.finish(remote);
    check(result.facts);
    // What was understood can be said again, and is then understood in the same way.
    const Introduction self{.key = key,
                            .addresses = addresses_to_tell(result.facts.addresses),
                            .protocols = result.facts.protocols,
                            .agent = result.facts.agent,
                            .protocol_version = result.facts.protocol_version,
                            .signed_record = {}};
    const Bytes again = encode_identify(self, remote);
    GOOP_ASSERT(again.size() <= limits::identify_sent_bytes);
    IdentifyReader second(key);
    GOOP_ASSERT(second.on_message(again));
    GOOP_ASSERT(second.finish(remote).facts.addresses.size() <= self.addresses.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PublicKey key = KeyPair::from_seed({}).public_key();
  BytesView input(data, size);
  IdentifyReader single(key);
  if (single.on_message(input)) finish(single, key);

  IdentifyReader several(key);
  LengthPrefixed framed(limits::identify_message_bytes);
  while (!input.empty()) {
    const auto taken = framed.on_bytes(input);
    if (!taken) break;
    input = input.subspan(*taken);
    if (framed.complete() && !several.on_message(framed.take())) return 0;
  }
  finish(several, key);
  return 0;
}

}  // namespace goop::p2p
