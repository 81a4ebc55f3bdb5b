#include "tests/interop/cpp/node.h"

#include <algorithm>

#include "p2p/protocols/echo/echo.h"
#include "p2p/protocols/perf/perf.h"

namespace goop::interop {
namespace {

using p2p::ProtocolId;
using p2p::Stream;

// The contract: a thousand streams at once on each connection.
constexpr std::size_t streams_per_peer = 1000;
constexpr std::size_t streams_total = 10'000;
constexpr auto answer_time = 10s;

p2p::HostOptions host_options(Runtime& runtime, NodeOptions given) {
  p2p::HostOptions options(fresh_key(runtime));
  options.agent_version = "goop2-interop";
  options.listen = std::move(given.listen);
  options.early_muxer = given.early_muxer;
  options.budget.peer_streams_in = options.budget.peer_streams_out = streams_per_peer;
  options.budget.streams_in = options.budget.streams_out = streams_total;
  return options;
}

}  // namespace

std::vector<ProtocolId> served() {
  namespace known = p2p::protocol;
  return {known::identify, known::identify_push, known::ping, known::perf, known::echo,
          reset_id,        protocols_id,         toggle_id};
}

p2p::KeyPair fresh_key(Runtime& runtime) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  return p2p::KeyPair::from_seed(seed);
}

Node::Node(Runtime& runtime, NodeOptions options)
    : runtime_(runtime),
      network_(runtime),
      host_(runtime, network_, host_options(runtime, std::move(options))) {
  const p2p::HandlerLimits many{streams_per_peer, streams_total};
  auto echo = [this](Stream s) { return p2p::serve_echo(std::move(s), runtime_); };
  auto perf = [this](Stream s) { return p2p::serve_perf(std::move(s), runtime_, {}, {}); };
  host_.handle(p2p::protocol::echo, echo, many);
  host_.handle(p2p::protocol::perf, perf, many);
  host_.handle(reset_id, [this](Stream s) { return serve_reset(std::move(s)); }, many);
  host_.handle(protocols_id, [this](Stream s) { return serve_protocols(std::move(s)); }, many);
  host_.handle(toggle_id, [this](Stream s) { return serve_toggle(std::move(s)); }, many);
}

Deadline Node::soon() const { return Deadline::after(runtime_.now(), answer_time); }

void Node::handle_nothing(const ProtocolId& protocol) {
  auto nothing = [](Stream stream) -> Task<> {
    stream.close();
    co_return;
  };
  host_.handle(protocol, nothing);
}

Task<> Node::serve_reset(Stream stream) {
  co_await stream.fill(soon());
  stream.reset();
}

Task<> Node::serve_protocols(Stream stream) {
  std::vector<ProtocolId> known;
  if (auto facts = host_.facts(stream.peer())) known = std::move(facts->protocols);
  std::ranges::sort(known);
  std::string text;
  for (const auto& id : known) text += id.text() + "\n";
  co_await stream.write(as_bytes(text), soon());
  stream.close();
}

Task<> Node::serve_toggle(Stream stream) {
  handle_nothing(toggled_id);
  co_await stream.write(as_bytes("ok\n"), soon());
  stream.close();
}

}  // namespace goop::interop
