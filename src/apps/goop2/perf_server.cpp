#include "apps/goop2/perf_server.h"

#include "apps/goop2/limits.h"
#include "apps/goop2/report.h"
#include "base/os_signals.h"
#include "p2p/host.h"
#include "p2p/protocols/echo/echo.h"
#include "p2p/protocols/perf/perf.h"

namespace goop::apps {
namespace {

p2p::HostOptions host_options(Runtime& runtime, p2p::Multiaddr listen) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  p2p::HostOptions options(p2p::KeyPair::from_seed(seed));
  options.agent_version = "goop2-perf/" GOOP_VERSION;
  options.listen = {std::move(listen)};
  return options;
}

}  // namespace

Task<> serve_perf_host(Runtime& runtime, net::Network& network, p2p::Multiaddr listen) {
  OsSignals signals(runtime);
  p2p::Host host(runtime, network, host_options(runtime, std::move(listen)));
  p2p::HandlerLimits most;  // one measuring peer may take all
  most.per_peer = most.total;
  host.handle(
      p2p::protocol::perf,
      [&runtime](p2p::Stream stream) {
        return p2p::serve_perf(std::move(stream), runtime, {}, {});
      },
      most);
  host.handle(
      p2p::protocol::echo,
      [&runtime](p2p::Stream stream) { return p2p::serve_echo(std::move(stream), runtime); }, most);
  or_raise(host.start());
  for (const auto& address : host.addresses()) {
    say(fmt::format("ADDR {}", address.with_peer(host.id())));
  }
  co_await signals.next();
  co_await host.stop(Deadline::after(runtime.now(), limits::stop_budget));
}

}  // namespace goop::apps
