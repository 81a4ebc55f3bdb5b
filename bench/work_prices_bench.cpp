// deps: p2p_identify p2p_pubsub peer_site testing_files testing_hosts
//
// What one of each kind of work costs, against its price in src/p2p/work_prices.h. A price must be
// within a factor of two of what is measured, else the exit code is 1. Where one kind of work comes
// with another (a request with its frame), the prices of both are added.
//
// Only the side that does the work for the other is timed where the two can be told apart; in the
// whole hosts of the simulation the sender's encryption is in, some percent.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "base/os_runtime.h"
#include "net/os_network.h"
#include "p2p/multi/varint.h"
#include "p2p/mux/yamux_session.h"
#include "p2p/protocols/identify/identify.h"
#include "p2p/pubsub/router.h"
#include "p2p/secure/noise_channel.h"
#include "p2p/work_prices.h"
#include "peer/site/server.h"
#include "peer/site/store.h"
#include "testing/files/temp_folder.h"
#include "testing/hosts/raw_peer.h"
#include "wire/presence.h"
#include "wire/site_v2.h"

namespace goop {
namespace {

using namespace p2p;

void report(benchmark::State& state, std::size_t items, WorkUnits price_of_one) {
  using benchmark::Counter;
  state.counters["price_ns"] = static_cast<double>(price_of_one);
  state.counters["cpu_s"] =
      Counter(static_cast<double>(items), Counter::kIsIterationInvariantRate | Counter::kInvert);
}

// --- below the protocols ---

// A packet that brings little: the time from its being there to its being read.
struct Packets {
  Packets() : network(runtime), scope(runtime, "bench") {
    auto listener = or_raise(network.listen({boost::asio::ip::address_v4::loopback(), 0}, {}));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(listener->local().port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sender = ::socket(AF_INET, SOCK_STREAM, 0);
    GOOP_ASSERT(::connect(sender, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    scope.spawn(read(std::move(listener)), [](std::optional<Error>) {});
    runtime.loop().poll();
  }
  ~Packets() {
    ::close(sender);
    runtime.loop().run();
  }
  Task<> read(std::unique_ptr<net::Listener> listener) {
    auto stream = co_await listener->accept();
    Bytes buffer(4096);
    for (;;) {
      const auto count = co_await stream->read_some(buffer);
      if (count == 0) co_return;
      ++packets;
    }
  }

  OsRuntime runtime;
  net::OsNetwork network;
  TaskScope scope;
  int sender = -1;
  std::size_t packets = 0;
};

void small_read(benchmark::State& state) {
  Packets link;
  const Bytes packet(30);
  for (auto _ : state) {
    state.PauseTiming();
    const auto before = link.packets;
    GOOP_ASSERT(::send(link.sender, packet.data(), packet.size(), 0) == 30);
    state.ResumeTiming();
    while (link.packets == before) link.runtime.loop().poll();
  }
  report(state, 1, price::small_read);
}

// Keeps what is written; gives it to who reads.
class Tape final : public net::ByteStream {
 public:
  explicit Tape(std::shared_ptr<Bytes> tape) : tape_(std::move(tape)) {}
  Task<std::size_t> read_some(MutBytes into) override {
    const auto count = std::min(into.size(), tape_->size() - at_);
    std::copy_n(tape_->begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
    at_ += count;
    co_return count;
  }
  Task<> write(std::span<const BytesView> parts) override {
    for (const auto part : parts) append(*tape_, part);
    co_return;
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

 private:
  std::shared_ptr<Bytes> tape_;
  std::size_t at_ = 0;
};

NoiseChannel channel_over(std::shared_ptr<Bytes> tape, std::shared_ptr<BlockPool> pool) {
  const NoiseChannel::Keys keys{crypto::Secret<32>(), crypto::Secret<32>()};
  return {std::make_unique<Tape>(std::move(tape)), keys, {}, std::move(pool)};
}

Task<> write_frames(NoiseChannel& channel, std::size_t count, BytesView body) {
  for (std::size_t i = 0; i < count; ++i) {
    channel.append(body, {});
    co_await channel.flush();
  }
}

Task<> read_frames(NoiseChannel& channel, std::size_t& read) {
  for (;;) {
    while (or_raise(channel.next())) ++read;
    const bool more = co_await channel.receive();
    if (!more) co_return;
  }
}

void secure_frame(benchmark::State& state) {
  constexpr std::size_t frames = 4096;
  const Bytes body(mux::header_bytes);
  sim::SimRuntime runtime;
  const auto tape = std::make_shared<Bytes>();
  const auto pool = std::make_shared<BlockPool>();
  auto sending = channel_over(tape, pool);
  runtime.wait(write_frames(sending, frames, body));
  for (auto _ : state) {
    auto receiving = channel_over(tape, pool);
    std::size_t read = 0;
    runtime.wait(read_frames(receiving, read));
    GOOP_ASSERT(read == frames);
  }
  report(state, frames, price::secure_frame);
}

Segment frames_of(std::size_t count, const mux::FrameHeader& header) {
  Bytes all;
  for (std::size_t i = 0; i < count; ++i) append(all, BytesView(encode(header)));
  return Segment::copy_of(all);
}

void session_frames(benchmark::State& state, mux::FrameHeader header, WorkUnits price_of_one) {
  constexpr std::size_t frames = 32;  // as many pongs may wait
  const Segment input = frames_of(frames, header);
  mux::SessionOptions options;
  options.role = mux::Role::server;
  mux::Session session(std::move(options));
  (void)session.on_piece(frames_of(1, {mux::FrameType::window_update, mux::flag_syn, 1, 0}), {});
  for (auto _ : state) {
    GOOP_ASSERT(session.on_piece(input.first(input.size()), {}));
    (void)session.take_events();
    (void)session.take_work();
    session.drain_control(
        [](const mux::FrameHeader& out) { benchmark::DoNotOptimize(encode(out)); });
  }
  report(state, frames, price_of_one);
}

// --- over whole hosts ---

const ProtocolId nothing("/bench/nothing/1.0.0");

Task<> end_at_once(Stream stream) {
  stream.close();
  co_return;
}

struct Flooded {
  Flooded() {
    b.handle(nothing, end_at_once);
    ask(nothing);
    send();
  }
  std::uint32_t ask(const ProtocolId& protocol) {
    peer.ask(next, protocol);
    peer.frame({mux::FrameType::window_update, 0, next, 64u << 20});
    return std::exchange(next, next + 2);
  }
  void send() {
    peer.send();
    world.rt.run_for(1s);
  }
  // Before what its handlers use dies.
  void stop() {
    for (auto& host : world.hosts) world.rt.wait(host->stop(world.soon()));
  }
  // So that no budget is met.
  void rest(Duration span = 20s) { world.rt.run_for(span); }

  sim::HostWorld world;
  Host& b = world.add(2);
  sim::SimHost& machine = world.machine(9);
  KeyPair key = sim::key_of(9);
  sim::RawPeer peer{world, machine, key, b};
  std::uint32_t next = 1;
};

void stream(benchmark::State& state) {
  constexpr std::size_t streams = 128;
  Flooded flooded;
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest();
    for (std::size_t i = 0; i < streams; ++i) flooded.peer.fin(flooded.ask(nothing));
    state.ResumeTiming();
    flooded.send();
  }
  report(state, streams, price::stream + 4 * price::mux_frame);
}

void refused_stream(benchmark::State& state) {
  constexpr std::size_t streams = 1024;
  mux::SessionOptions options;
  options.role = mux::Role::server;
  options.inbound_streams = 0;
  mux::Session session(std::move(options));
  const Segment input = frames_of(streams, {mux::FrameType::window_update, mux::flag_syn, 1, 0});
  for (auto _ : state) {
    GOOP_ASSERT(session.on_piece(input.first(input.size()), {}));
    (void)session.take_work();
    session.drain_control(
        [](const mux::FrameHeader& out) { benchmark::DoNotOptimize(encode(out)); });
  }
  report(state, streams, price::refused_stream + price::mux_frame);
}

void identify(benchmark::State& state) {
  constexpr std::size_t streams = 4;  // at once, of one peer
  Flooded flooded;
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest();
    for (std::size_t i = 0; i < streams; ++i) {
      flooded.peer.fin(flooded.ask(protocol::identify));
    }
    state.ResumeTiming();
    flooded.peer.send();
    flooded.world.rt.run_for(10ms);
  }
  report(state, streams, price::identify + price::stream + 4 * price::mux_frame);
}

void identify_push(benchmark::State& state) {
  constexpr std::size_t streams = 4;
  Flooded flooded;
  const std::vector addresses = {Multiaddr::parse("/ip4/10.0.0.9/tcp/4001").value()};
  const Introduction self{flooded.key.public_key(),
                          addresses,
                          {nothing, protocol::identify},
                          "bench",
                          "",
                          seal_peer_record(flooded.key, 1, addresses)};
  Bytes message;
  append_prefixed(message, encode_identify(self, addresses.front()));
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest(100s);
    for (std::size_t i = 0; i < streams; ++i) {
      const auto id = flooded.ask(protocol::identify_push);
      flooded.peer.data(id, message);
      flooded.peer.fin(id);
    }
    state.ResumeTiming();
    flooded.peer.send();
    flooded.world.rt.run_for(10ms);
  }
  report(state, streams, price::identify_push + price::stream + 5 * price::mux_frame);
}

void ping(benchmark::State& state) {
  constexpr std::size_t pings = 1024;
  Flooded flooded;
  const auto id = flooded.ask(protocol::ping);
  const Bytes body(32);
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest();
    for (std::size_t i = 0; i < pings; ++i) flooded.peer.data(id, body);
    state.ResumeTiming();
    flooded.send();
  }
  report(state, pings, price::ping + price::mux_frame);
}

void request(benchmark::State& state) {
  constexpr std::size_t requests = 256;
  const testing::TempFolder folder;
  folder.put("page.html", std::string(4096, 'x'));
  Flooded flooded;
  const auto inspect = [] { return Result<peer::site::SiteRules>(peer::site::SiteRules()); };
  peer::site::SiteStore store(flooded.world.rt, folder.path(), inspect);
  peer::site::SiteServer server(flooded.world.rt, store);
  server.attach(flooded.b);
  peer::site::SiteRequest wanted;
  wanted.path = peer::site::SitePath::parse("page.html").value();
  Bytes one;
  append_prefixed(one, as_bytes(wire::site_v2::encode_request(wanted)));
  const auto id = flooded.ask(peer::site::version_2);
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest();
    for (std::size_t i = 0; i < requests; ++i) flooded.peer.data(id, one);
    flooded.peer.frame({mux::FrameType::window_update, 0, id, 8u << 20});
    state.ResumeTiming();
    flooded.send();
  }
  flooded.stop();
  GOOP_ASSERT(server.counters().requests == state.iterations() * requests);
  report(state, requests, price::request + price::mux_frame);
}

// --- gossip ---

using namespace pubsub;

Topic topic(std::size_t number = 0) {
  return Topic::parse(fmt::format("goop.presence.v{}", number)).value();
}

MessageId made_up_id(const KeyPair& key, std::uint64_t number) {
  return {PeerId::from_key(key.public_key()), number};
}

BytesView body_of(BytesView framed) { return framed.subspan(read_uvarint(framed).value().size); }

// A router that is in one topic, and a neighbour of it.
struct Neighbourhood {
  Neighbourhood() {
    router.join(topic(), now);
    router.add_peer(neighbour, {"place", Direction::inbound});
    router.can_send(neighbour, Version::v1_2, now);
    (void)router.take_output();
  }
  // What an RPC costs from its bytes to the end of the next heartbeat, without its stream.
  std::vector<MessagePtr> take(BytesView framed) {
    const auto rpc = or_raise(read_rpc(body_of(framed)));
    auto news = router.on_rpc(neighbour, rpc, now);
    for (const auto& send : router.take_output()) {
      if (const auto* control = std::get_if<Control>(&send.what)) {
        benchmark::DoNotOptimize(frame(*control));
      }
    }
    return news;
  }
  void beat() {
    now += 1s;
    router.heartbeat(now);
    (void)router.take_output();
  }

  KeyPair key = sim::key_of(9);
  PeerId neighbour = PeerId::from_key(key.public_key());
  Router router{PeerId::from_key(sim::key_of(2).public_key()), {}, 1};
  Instant now{};
};

void rpc(benchmark::State& state) {
  constexpr std::size_t rpcs = 256;
  Flooded flooded;
  PubSub gossip(flooded.world.rt, flooded.b);
  const auto id = flooded.ask(versions[1].first);
  const Bytes one = {0};
  for (auto _ : state) {
    state.PauseTiming();
    flooded.rest();
    for (std::size_t i = 0; i < rpcs; ++i) flooded.peer.data(id, one);
    state.ResumeTiming();
    flooded.send();
  }
  flooded.stop();
  GOOP_ASSERT(gossip.counters().rpcs_in == state.iterations() * rpcs);
  report(state, rpcs, price::rpc + price::mux_frame);
}

void subscription(benchmark::State& state) {
  Neighbourhood at;
  std::vector<Subscription> on, off;
  for (std::size_t i = 0; i < p2p::limits::gossip_subscriptions; ++i) {
    on.push_back({topic(i + 1), true});
    off.push_back({topic(i + 1), false});
  }
  const Bytes framed_on = frame(on), framed_off = frame(off);
  for (auto _ : state) {
    at.take(framed_on);
    at.take(framed_off);
  }
  report(state, 2 * on.size(), price::subscription + 20 * price::byte);
}

void message(benchmark::State& state) {
  Neighbourhood at;
  const auto one = sign_message(at.key, 1, topic(), Bytes(300));
  Bytes body;
  for (std::size_t i = 0; i < p2p::limits::gossip_messages; ++i) {
    body.push_back(0x12);
    append_prefixed(body, one->wire);
  }
  Bytes framed;
  append_prefixed(framed, body);
  (void)at.router.signature_held(at.neighbour, one, at.now);  // a copy of what is known
  for (auto _ : state) benchmark::DoNotOptimize(at.take(framed));
  report(state, p2p::limits::gossip_messages, price::message + one->wire.size() * price::byte);
}

void message_id(benchmark::State& state, std::vector<MessageId> Control::* list) {
  Neighbourhood at;
  Control control;
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < p2p::limits::gossip_ids; ++i) ids.push_back(made_up_id(at.key, i));
  if (list) {
    control.*list = ids;
  } else {
    control.ihave.push_back({topic(), ids});
  }
  const Bytes framed = frame(control);
  for (auto _ : state) {
    at.take(framed);
    state.PauseTiming();
    at.beat();
    state.ResumeTiming();
  }
  const auto bytes = framed.size() / ids.size();
  report(state, ids.size(), price::message_id + bytes * price::byte);
}

void control_entry(benchmark::State& state, bool grafts) {
  Neighbourhood at;
  Control control;
  for (std::size_t i = 0; i < p2p::limits::gossip_control; ++i) {
    if (grafts) {
      control.graft.push_back(topic());
    } else {
      control.prune.push_back({topic(), std::chrono::seconds(60)});
    }
  }
  const Bytes framed = frame(control);
  for (auto _ : state) at.take(framed);
  report(state, p2p::limits::gossip_control,
         price::control_entry + framed.size() / p2p::limits::gossip_control * price::byte);
}

void signature(benchmark::State& state) {
  const auto one = sign_message(sim::key_of(9), 1, topic(), Bytes(300));
  for (auto _ : state) benchmark::DoNotOptimize(check_signature(*one));
  report(state, 1, price::signature);
}

// What the program's own topic does with a message: it is read, and its signature checked.
void delivery(benchmark::State& state) {
  wire::Presence presence;
  presence.peer = PeerId::from_key(sim::key_of(9).public_key());
  presence.label = "Nora from 3b";
  presence.ts = 1'761'000'000'123;
  const auto text = wire::write_presence(wire::sign_presence(sim::key_of(9), presence));
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::check_signature(wire::parse_presence(text).value()));
  }
  report(state, 1, price::delivery);
}

BENCHMARK(small_read);
BENCHMARK(secure_frame);
BENCHMARK_CAPTURE(session_frames, mux_frame,
                  mux::FrameHeader{mux::FrameType::window_update, 0, 1, 64}, price::mux_frame);
BENCHMARK_CAPTURE(session_frames, mux_ping,
                  mux::FrameHeader{mux::FrameType::ping, mux::flag_syn, 0, 7},
                  price::mux_frame + price::mux_ping);
BENCHMARK(refused_stream);
BENCHMARK(stream);
BENCHMARK(identify);
BENCHMARK(identify_push);
BENCHMARK(ping);
BENCHMARK(request);
BENCHMARK(rpc);
BENCHMARK(subscription);
BENCHMARK(message);
BENCHMARK_CAPTURE(message_id, ihave, nullptr);
BENCHMARK_CAPTURE(message_id, iwant, &Control::iwant);
BENCHMARK_CAPTURE(control_entry, graft, true);
BENCHMARK_CAPTURE(control_entry, prune, false);
BENCHMARK(signature);
BENCHMARK(delivery);

// Adds the ratio, and remembers whether all were within bounds.
class Judge final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      const double measured = run.counters.at("cpu_s").value * 1e9;
      const double ratio = run.counters.at("price_ns").value / measured;
      const bool fits = ratio >= 0.5 && ratio <= 2;
      held_ = held_ && fits;
      std::printf("%-32s %10.0f ns   price %8.0f   ratio %5.2f %s\n", run.benchmark_name().c_str(),
                  measured, run.counters.at("price_ns").value, ratio,
                  fits ? "" : "  <-- beyond a factor of two");
    }
  }
  bool held() const { return held_; }

 private:
  bool held_ = true;
};

}  // namespace
}  // namespace goop

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  goop::Judge judge;
  benchmark::RunSpecifiedBenchmarks(&judge);
  return judge.held() ? 0 : 1;
}
