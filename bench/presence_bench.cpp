// deps: wire
//
// A signed presence message, from its bytes to the parsed value and back to bytes, against the one
// signature check that it costs anyway: a server's publish may cost 1.3 times the check in all.
#include <benchmark/benchmark.h>

#include "crypto/secret.h"
#include "wire/presence.h"

namespace goop::wire {
namespace {

PresenceMessage typical() {
  const auto key = p2p::KeyPair::from_seed(crypto::Secret<32>());
  Presence presence{.type = PresenceType::update,
                    .peer = p2p::PeerId::from_key(key.public_key()),
                    .label = "Nora from 3b",
                    .avatar_hash = "03c1f0aa97de5521",
                    .active_template = "blog",
                    .client_version = "0.1.0",
                    .public_key = "+oKKpSJGU1NO/X4OxxkMwKXTRYtW/H8p/SAmtwBBaU0=",
                    .ts = 1'761'000'000'123};
  for (const auto address : {"/ip4/192.168.1.20/tcp/41234", "/ip6/2001:db8:1:2::3/tcp/41234",
                             "/ip4/203.0.113.9/tcp/41234"}) {
    presence.addresses.push_back(p2p::Multiaddr::parse(address).value());
  }
  return sign_presence(key, presence);
}

void signature_check_alone(benchmark::State& state) {
  const auto message = typical();
  for (auto _ : state) benchmark::DoNotOptimize(check_signature(message));
}

void parse(benchmark::State& state) {
  const auto text = write_presence(typical());
  for (auto _ : state) benchmark::DoNotOptimize(parse_presence(text));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void write(benchmark::State& state) {
  const auto message = typical();
  for (auto _ : state) benchmark::DoNotOptimize(write_presence(message));
}

BENCHMARK(signature_check_alone);
BENCHMARK(parse);
BENCHMARK(write);

}  // namespace
}  // namespace goop::wire

BENCHMARK_MAIN();
