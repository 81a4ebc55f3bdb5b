#include "tests/interop/cpp/mdns.h"

#include <cstdio>

#include "base/signal.h"
#include "base/task_scope.h"
#include "p2p/discovery/mdns.h"

namespace goop::interop {
namespace {

constexpr auto goodbye_time = 1s;

}  // namespace

Task<> serve_mdns(Runtime& runtime, net::Network& network, p2p::Host& host, std::string service,
                  Signal& leave) {
  const auto found = [&runtime](p2p::PeerId peer, std::vector<p2p::Multiaddr> addresses) {
    fmt::print("FOUND {} {} {}\n", to_ms(runtime.wall()), peer.to_string(),
               fmt::join(addresses, ","));
    std::fflush(stdout);
  };
  p2p::discovery::Mdns::Options options{.service = std::move(service),
                                        .self = host.id(),
                                        .addresses = [&host] { return host.listening(); },
                                        .on_found = found};
  p2p::discovery::Mdns mdns(runtime, network, std::move(options));
  TaskScope tasks(runtime, "mdns");
  fmt::print("START {} {}\n", to_ms(runtime.wall()), host.id().to_string());
  std::fflush(stdout);
  tasks.spawn(mdns.run());
  co_await leave.wait_until(Deadline::never());
  co_await mdns.goodbye(Deadline::after(runtime.now(), goodbye_time));
  co_await tasks.close();
}

}  // namespace goop::interop
