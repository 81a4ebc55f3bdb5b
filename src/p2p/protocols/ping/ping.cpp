#include "p2p/protocols/ping/ping.h"

#include "p2p/work_prices.h"

namespace goop::p2p {

using PingBytes = std::array<std::uint8_t, limits::ping_bytes>;

Task<Duration> ping_once(Duplex& over, Runtime& runtime, Deadline by) {
  PingBytes sent, received;
  runtime.random(sent);
  const Instant start = runtime.now();
  co_await over.write(sent, by);
  co_await read_exactly(over, received, by);
  if (sent != received) raise(Errc::violation, "ping: other bytes came back");
  co_return runtime.now() - start;
}

Task<> echo_pings(Duplex& over, Runtime& runtime) {
  for (;;) {
    const Deadline idle = Deadline::after(runtime.now(), limits::ping_idle);
    const BytesView view = co_await over.fill(idle);
    if (view.empty()) co_return;
    PingBytes ping;
    co_await read_exactly(over, ping, idle);
    co_await charge_and_wait(over, runtime, price::ping);
    co_await over.write(ping, Deadline::after(runtime.now(), limits::ping_write_time));
  }
}

Task<> serve_ping(Stream stream, Runtime& runtime) {
  co_await echo_pings(stream, runtime);
  stream.close();
}

}  // namespace goop::p2p
