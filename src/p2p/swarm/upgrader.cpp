#include "p2p/swarm/upgrader.h"

#include "p2p/raw_duplex.h"
#include "p2p/select/select.h"

namespace goop::p2p {
namespace {

// The dialler proposes, the other side answers.
Task<> agree(Duplex& over, const ProtocolId& protocol, HandshakeRole role, Deadline by) {
  if (role == HandshakeRole::initiator) {
    co_await select(over, {&protocol, 1}, by);
    co_return;
  }
  Responder::Supported only = [&protocol](const ProtocolId& id) { return id == protocol; };
  co_await answer(over, only, by);
}

Task<Upgraded> upgrade(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                       UpgradeOptions options, HandshakeRole role, std::optional<PeerId> expected,
                       Deadline by) {
  RawDuplex duplex(runtime, *raw);
  co_await agree(duplex, protocol::noise, role, by);
  NoiseHandshake machine(role, options.identity, HandshakeSecrets::from(runtime), expected,
                         options.muxer);
  const auto result = co_await handshake(duplex, std::move(machine), by);
  const NoiseChannel::Keys keys{result.key_send, result.key_receive};
  const auto unread = duplex.release_unread();
  NoiseChannel channel(std::move(raw), keys, unread, options.pool);
  Segment surplus;
  if (!result.early_yamux) {
    ChannelDuplex over(runtime, channel);
    co_await agree(over, protocol::yamux, role, by);
    surplus = over.release_unread();
  }
  co_return Upgraded{std::move(channel), std::move(surplus), result.remote, result.remote_key};
}

}  // namespace

Task<Upgraded> upgrade_outbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                                UpgradeOptions options, PeerId expected, Deadline by) {
  return upgrade(runtime, std::move(raw), std::move(options), HandshakeRole::initiator,
                 std::move(expected), by);
}

Task<Upgraded> upgrade_inbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                               UpgradeOptions options, Deadline by) {
  return upgrade(runtime, std::move(raw), std::move(options), HandshakeRole::responder,
                 std::nullopt, by);
}

}  // namespace goop::p2p
