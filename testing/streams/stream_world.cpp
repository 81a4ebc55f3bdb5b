#include "testing/streams/stream_world.h"

namespace goop::sim {
namespace {

crypto::Secret<32> secret(SimRuntime& runtime) {
  crypto::Secret<32> bytes;
  runtime.random(bytes.mut());
  return bytes;
}

}  // namespace

StreamWorld::Side::Side(SimRuntime& runtime) : key(p2p::KeyPair::from_seed(secret(runtime))) {}

StreamWorld::StreamWorld(Duration one_way)
    : internet_(runtime_), ours_(runtime_), theirs_(runtime_), scope_(runtime_, "stream world") {
  const Link link{.latency = one_way / 2};
  SimHost& here = internet_.add_host("10.0.0.1", link);
  SimHost& there = internet_.add_host("10.0.0.2", link);
  const net::Endpoint at{there.address(), 4001};
  auto listener = or_raise(there.listen(at, {}));
  const Deadline by = Deadline::after(runtime_.now(), 10s);
  ours_.below = runtime_.wait(here.connect(at, std::nullopt, by));
  theirs_.below = runtime_.wait(listener->accept());
  scope_.spawn(shake_hands(ours_, p2p::HandshakeRole::initiator));
  scope_.spawn(shake_hands(theirs_, p2p::HandshakeRole::responder));
  runtime_.wait(scope_.join());
  start(ours_, p2p::mux::Role::client);
  start(theirs_, p2p::mux::Role::server);
}

StreamWorld::~StreamWorld() {
  ours_.yamux->abort();
  theirs_.yamux->abort();
  runtime_.wait(scope_.close());
}

StreamWorld::Ends StreamWorld::open(const p2p::ProtocolId& protocol) {
  using Negotiation = p2p::Stream::Negotiation;
  auto opened = runtime_.wait(ours_.yamux->open(Deadline::after(runtime_.now(), 10s)));
  auto accepted = runtime_.wait(theirs_.yamux->accept());
  return {p2p::Stream(std::move(opened), protocol, Negotiation::done),
          p2p::Stream(std::move(accepted), protocol, Negotiation::done)};
}

Task<> StreamWorld::shake_hands(Side& side, p2p::HandshakeRole role) {
  p2p::RawDuplex raw(runtime_, *side.below);
  const auto secrets = p2p::HandshakeSecrets::from(runtime_);
  p2p::NoiseHandshake machine(role, side.key, secrets, std::nullopt);
  const Deadline by = Deadline::after(runtime_.now(), 10s);
  auto proof = co_await p2p::handshake(raw, std::move(machine), by);
  GOOP_ASSERT(raw.release_unread().empty());
  side.proof.emplace(std::move(proof));
}

void StreamWorld::start(Side& side, p2p::mux::Role role) {
  const p2p::NoiseChannel::Keys keys{.send = side.proof->key_send,
                                     .receive = side.proof->key_receive};
  p2p::NoiseChannel channel(std::move(side.below), keys, {}, std::make_shared<p2p::BlockPool>());
  p2p::mux::YamuxOptions options;
  options.role = role;
  options.info.peer = side.proof->remote;
  side.yamux = std::make_unique<p2p::mux::Yamux>(runtime_, std::move(channel), std::move(options));
  scope_.spawn(side.yamux->run(), [](std::optional<Error>) {});  // the world ends it abruptly
}

}  // namespace goop::sim
