#include "p2p/swarm/upgrader.h"

#include "p2p/raw_duplex.h"
#include "p2p/select/select.h"

namespace goop::p2p {
namespace {

const std::array<ProtocolId, 1> security = {protocol::noise};
const std::array<ProtocolId, 1> muxer = {protocol::yamux};

}  // namespace

Task<Upgraded> upgrade_outbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                                UpgradeOptions options, PeerId expected, Deadline by) {
  RawDuplex duplex(runtime, *raw);
  co_await select(duplex, security, by);
  NoiseHandshake machine(HandshakeRole::initiator, options.identity,
                         HandshakeSecrets::from(runtime), expected, options.muxer);
  const auto result = co_await handshake(duplex, std::move(machine), by);
  const NoiseChannel::Keys keys{result.key_send, result.key_receive};
  const auto unread = duplex.release_unread();
  NoiseChannel channel(std::move(raw), keys, unread, options.pool);
  Segment surplus;
  if (!result.early_yamux) {
    ChannelDuplex over(runtime, channel);
    co_await select(over, muxer, by);
    surplus = over.release_unread();
  }
  co_return Upgraded{std::move(channel), std::move(surplus), result.remote, result.remote_key};
}

Task<Upgraded> upgrade_inbound(Runtime& runtime, std::unique_ptr<net::ByteStream> raw,
                               UpgradeOptions options, Deadline by) {
  RawDuplex duplex(runtime, *raw);
  Responder::Supported is_security = [](const ProtocolId& id) { return id == protocol::noise; };
  co_await answer(duplex, is_security, by);
  NoiseHandshake machine(HandshakeRole::responder, options.identity,
                         HandshakeSecrets::from(runtime), std::nullopt, options.muxer);
  const auto result = co_await handshake(duplex, std::move(machine), by);
  const NoiseChannel::Keys keys{result.key_send, result.key_receive};
  const auto unread = duplex.release_unread();
  NoiseChannel channel(std::move(raw), keys, unread, options.pool);
  Segment surplus;
  if (!result.early_yamux) {
    ChannelDuplex over(runtime, channel);
    Responder::Supported is_muxer = [](const ProtocolId& id) { return id == protocol::yamux; };
    co_await answer(over, is_muxer, by);
    surplus = over.release_unread();
  }
  co_return Upgraded{std::move(channel), std::move(surplus), result.remote, result.remote_key};
}

}  // namespace goop::p2p
