// deps: base crypto net p2p_multi p2p_swarm
// Many hosts in one process, each with one connection to the same peer: what a connected peer
// costs is read from that peer's memory.
//
//   hosts_load ADDR COUNT     prints `connected` once all are identified; ends with SIGTERM
#include <charconv>

#include "base/os_runtime.h"
#include "base/os_signals.h"
#include "base/task_scope.h"
#include "net/os_network.h"
#include "p2p/host.h"

namespace {

using namespace goop;

constexpr auto connect_time = 10s;

std::unique_ptr<p2p::Host> new_host(Runtime& runtime, net::Network& network) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  auto host = std::make_unique<p2p::Host>(runtime, network,
                                          p2p::HostOptions(p2p::KeyPair::from_seed(seed)));
  or_raise(host->start());
  return host;
}

Task<> connect(p2p::Host& host, p2p::PeerId peer, p2p::Multiaddr address, Deadline by) {
  auto cursor = host.events().last();
  std::vector<p2p::Multiaddr> addresses{std::move(address)};
  co_await host.connect(peer, std::move(addresses), by);
  while (!host.facts(peer)) {
    const Wake why = co_await host.events().wait(cursor, by);
    if (why == Wake::deadline) raise(Errc::timeout, "no identify");
    cursor = host.events().last();
  }
}

Task<> hold(Runtime& runtime, std::vector<std::unique_ptr<p2p::Host>>& hosts,
            const p2p::Multiaddr& address) {
  const auto by = Deadline::after(runtime.now(), connect_time);
  for (auto& host : hosts) {
    co_await connect(*host, *address.peer_id(), address.without_peer(), by);
  }
  fmt::print("connected {}\n", hosts.size());
  std::fflush(stdout);
  OsSignals signals(runtime);
  co_await signals.next();
  for (auto& host : hosts) co_await host->stop(Deadline::after(runtime.now(), connect_time));
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string_view> given(words + 1, words + count);
  const auto address = given.empty() ? std::nullopt : [&]() -> std::optional<p2p::Multiaddr> {
    auto parsed = p2p::Multiaddr::parse(given[0]);
    return parsed && parsed->peer_id() ? std::optional(*parsed) : std::nullopt;
  }();
  std::size_t many = 0;
  if (given.size() == 2) {
    std::from_chars(given[1].data(), given[1].data() + given[1].size(), many);
  }
  if (!address || many == 0) {
    fmt::print(stderr, "usage: hosts_load ADDR COUNT\n");
    return 2;
  }
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  std::vector<std::unique_ptr<p2p::Host>> hosts;
  while (hosts.size() < many) hosts.push_back(new_host(runtime, network));
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(hold(runtime, hosts, *address), [&failed](std::optional<Error> e) { failed = e; });
  runtime.run();
  if (!failed) return 0;
  fmt::print(stderr, "hosts_load: {}\n", to_string(*failed));
  return 1;
}
