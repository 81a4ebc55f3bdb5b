// Many identities in one process that connect to one peer and stay, for tests of what a peer does
// then. Prints "ready" when each has tried once; each comes back whenever its connection ends. Ends
// by itself after SECONDS, or on SIGTERM, and prints how many the other side ended: "lost N".
//
//   attack_identities ADDR COUNT SECONDS [EVERY]     EVERY: each asks for a file so often, seconds
#include <charconv>

#include "base/os_runtime.h"
#include "base/os_signals.h"
#include "base/task_scope.h"
#include "net/os_network.h"
#include "p2p/host.h"

namespace {

using namespace goop;

constexpr auto connect_time = 5s;
constexpr auto look_pace = 500ms;

struct Plan {
  p2p::PeerId target;
  std::vector<p2p::Multiaddr> at;
  std::optional<Duration> use_every;
  std::size_t waiting = 0;  // for their first try
  int lost = 0;
};

std::unique_ptr<p2p::Host> new_host(Runtime& runtime, net::Network& network) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  p2p::HostOptions options(p2p::KeyPair::from_seed(seed));
  auto host = std::make_unique<p2p::Host>(runtime, network, std::move(options));
  or_raise(host->start());
  return host;
}

Task<> use(p2p::Host& host, p2p::PeerId target, Deadline by) {
  std::vector<p2p::ProtocolId> protocols{p2p::ProtocolId("/goop/site/1.0.0")};
  p2p::OpenOptions options{.by = by};
  auto stream = co_await host.open(target, std::move(protocols), options);
  co_await stream.write(as_bytes("GET /\n"), by);
  for (;;) {
    const auto bytes = co_await stream.fill(by);
    if (bytes.empty()) break;
    stream.consume(bytes.size());
  }
  stream.close();
}

Task<> stay(Runtime& runtime, p2p::Host& host, Plan& plan) {
  bool first = true;
  for (;;) {
    const auto by = Deadline::after(runtime.now(), connect_time);
    host.forget_failures(plan.target);
    auto connecting = host.connect(plan.target, plan.at, by);
    const auto connected = co_await attempt(std::move(connecting));
    if (std::exchange(first, false) && --plan.waiting == 0) {
      fmt::print("ready\n");
      std::fflush(stdout);
    }
    if (connected && plan.use_every) {
      auto using_it = use(host, plan.target, by);
      (void)co_await attempt(std::move(using_it));
    }
    const Instant next = plan.use_every ? runtime.now() + *plan.use_every : Instant::max();
    while (host.connected(plan.target) && runtime.now() < next) {
      co_await runtime.sleep_for(runtime.jittered(look_pace));
    }
    if (connected && !host.connected(plan.target)) ++plan.lost;
    co_await runtime.sleep_for(runtime.jittered(look_pace));
  }
}

Task<> end_in_time(Runtime& runtime, Duration after, Signal& over) {
  co_await runtime.sleep_for(after);
  over.notify_all();
}

Task<> end_on_signal(Runtime& runtime, Signal& over) {
  OsSignals signals(runtime);
  co_await signals.next();
  over.notify_all();
}

Task<> attack(Runtime& runtime, net::Network& network, Plan plan, int count, Duration time) {
  std::vector<std::unique_ptr<p2p::Host>> hosts;
  for (int i = 0; i < count; ++i) hosts.push_back(new_host(runtime, network));
  plan.waiting = hosts.size();
  Signal over(runtime);
  TaskScope tasks(runtime, "identities");
  for (auto& host : hosts) tasks.spawn(stay(runtime, *host, plan));
  tasks.spawn(end_in_time(runtime, time, over));
  tasks.spawn(end_on_signal(runtime, over));
  co_await over.wait_until(Deadline::never());
  co_await tasks.close();
  fmt::print("lost {}\n", plan.lost);
  std::fflush(stdout);
  for (auto& host : hosts) co_await host->stop(Deadline::after(runtime.now(), 1s));
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 1) return {};
  return value;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string_view> given(words + 1, words + count);
  const auto address = given.empty() ? fail(Errc::invalid, "") : p2p::Multiaddr::parse(given[0]);
  const auto identities = given.size() > 1 ? number(given[1]) : std::nullopt;
  const auto seconds = given.size() > 2 ? number(given[2]) : std::nullopt;
  const auto every = given.size() > 3 ? number(given[3]) : std::nullopt;
  if (!address || !address->peer_id() || !identities || !seconds) {
    fmt::print(stderr, "usage: attack_identities ADDR COUNT SECONDS [EVERY]\n");
    return 2;
  }
  Plan plan{*address->peer_id(), {address->without_peer()}, std::nullopt};
  if (every) plan.use_every = std::chrono::seconds(*every);
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(
      attack(runtime, network, std::move(plan), *identities, std::chrono::seconds(*seconds)),
      [&failed](std::optional<Error> error) { failed = std::move(error); });
  runtime.run();
  if (!failed) return 0;
  fmt::print(stderr, "attack_identities: {}\n", to_string(*failed));
  return 1;
}
