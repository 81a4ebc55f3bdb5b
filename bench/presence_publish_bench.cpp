// deps: rendezvous testing_sim
//
// A signed publish without its socket: from the bytes of the message to the board and into the
// queue of a reader, against the one signature check that it costs anyway.
#include <benchmark/benchmark.h>

#include "rendezvous/hub.h"
#include "rendezvous/ingest.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

constexpr std::size_t peers = 1024;
constexpr std::size_t at_once = 32;  // under way together, as on a server that has a few thousand

std::vector<p2p::KeyPair> keys() {
  std::vector<p2p::KeyPair> list;
  for (std::uint32_t i = 0; i < peers; ++i) {
    crypto::Secret<32> seed;
    std::memcpy(seed.mut().data(), &i, sizeof i);
    list.push_back(p2p::KeyPair::from_seed(seed));
  }
  return list;
}

std::string heartbeat(const p2p::KeyPair& key, std::int64_t ts) {
  wire::Presence presence;
  presence.peer = p2p::PeerId::from_key(key.public_key());
  presence.label = "Nora from 3b";
  presence.client_version = "0.1.0";
  presence.public_key = "+oKKpSJGU1NO/X4OxxkMwKXTRYtW/H8p/SAmtwBBaU0=";
  for (const auto address : {"/ip4/192.168.1.20/tcp/41234", "/ip6/2001:db8:1:2::3/tcp/41234",
                             "/ip4/203.0.113.9/tcp/41234"}) {
    presence.addresses.push_back(p2p::Multiaddr::parse(address).value());
  }
  presence.ts = ts;
  return wire::write_presence(wire::sign_presence(key, presence));
}

class NoStream final : public net::ByteStream {
 public:
  Task<std::size_t> read_some(MutBytes) override { co_return 0; }
  Task<> write(std::span<const BytesView>) override { co_return; }
  std::size_t try_write(std::span<const BytesView> parts) noexcept override {
    std::size_t sum = 0;
    for (const auto& part : parts) sum += part.size();
    return sum;
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }
};

// Of the same messages, each of another peer.
void signature_check_alone(benchmark::State& state) {
  std::vector<wire::PresenceMessage> messages;
  for (const auto& key : keys()) {
    messages.push_back(wire::parse_presence(heartbeat(key, 1)).value());
  }
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::check_signature(messages[at++ % messages.size()]));
  }
}

// One of the connections that they come in by: each its share.
Task<> publish_some(Ingest& ingest, const std::vector<std::string>& texts, std::size_t first,
                    std::size_t& bad) {
  for (std::size_t i = first; i < texts.size(); i += at_once) {
    const net::IpAddress from(asio::ip::address_v4(0x0a000000u + static_cast<unsigned>(i)));
    const auto answer = co_await ingest.publish(texts[i], from, std::nullopt);
    bad += answer.refused.has_value();
  }
}

// Some at once, as a busy server meets them. Virtual seconds pass between the rounds, so that no
// budget is met. Counted per message.
void publish(benchmark::State& state, Format format) {
  sim::SimRuntime runtime;
  Board board;
  Hub hub(runtime, board, "bench");
  Ingest ingest(runtime, board,
                [&](const p2p::PeerId&, const Outcome& outcome) { hub.tell(outcome.changes); });
  std::size_t bad = 0;
  const auto all = keys();
  {
    sim::SimScope scope(runtime);
    scope.spawn(hub.run());
    const auto reader = hub.add(std::make_unique<NoStream>(), {});
    hub.begin(*reader, format, Audience::peers, std::nullopt);
    while (state.KeepRunningBatch(peers)) {
      state.PauseTiming();
      runtime.run_for(10s);
      std::vector<std::string> texts;
      for (const auto& key : all) texts.push_back(heartbeat(key, to_ms(runtime.wall())));
      state.ResumeTiming();
      for (std::size_t i = 0; i < at_once; ++i) {
        scope.spawn(publish_some(ingest, texts, i, bad));
      }
      runtime.run_for(limits::flush_pace);
    }
    hub.remove(*reader);
  }
  if (bad > 0) state.SkipWithError("messages were refused");
  runtime.wait(ingest.stop());
  runtime.wait(hub.stop());
}

BENCHMARK(signature_check_alone);
BENCHMARK_CAPTURE(publish, to_full_streams, Format::sse_full);
BENCHMARK_CAPTURE(publish, to_delta_streams, Format::ws_delta);

}  // namespace
}  // namespace goop::rendezvous

BENCHMARK_MAIN();
