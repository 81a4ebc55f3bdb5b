#include "testing/hosts/host_world.h"

namespace goop::sim {
namespace {

using namespace std::chrono_literals;

Task<> answer_hello(p2p::Stream stream, Runtime& rt) {
  const auto by = Deadline::after(rt.now(), 10s);
  const auto name = co_await p2p::read_line(stream, 100, by);
  const auto text = fmt::format("hello {}\n", name.value_or("nobody"));
  co_await stream.write(as_bytes(text), by);
  stream.close();
}

}  // namespace

p2p::KeyPair key_of(std::uint8_t fill) {
  std::array<std::uint8_t, 32> seed;
  seed.fill(fill);
  return p2p::KeyPair::from_seed(crypto::Secret<32>(seed));
}

HostWorld::~HostWorld() {
  for (auto& host : hosts) rt.wait(host->stop(Deadline::after(rt.now(), 1s)));
}

p2p::HostOptions HostWorld::options(std::uint8_t n) const {
  p2p::HostOptions made(key_of(n));
  made.listen = {p2p::Multiaddr::parse("/ip4/0.0.0.0/tcp/4001").value()};
  return made;
}

p2p::Host& HostWorld::add(net::Network& where, p2p::HostOptions options) {
  hosts.push_back(std::make_unique<p2p::Host>(rt, where, std::move(options)));
  auto& host = *hosts.back();
  host.handle(greet, [this](p2p::Stream s) { return answer_hello(std::move(s), rt); });
  or_raise(host.start());
  return host;
}

p2p::ConnectionInfo HostWorld::connect(p2p::Host& from, p2p::Host& to) {
  return rt.wait(from.connect(to.id(), to.addresses(), soon()));
}

std::string HostWorld::say(p2p::Host& from, p2p::Host& to, std::string name) {
  std::vector<p2p::ProtocolId> protocols = {greet};
  return rt.wait(ask_line(from, to.id(), std::move(protocols), std::move(name), soon()));
}

Task<std::string> ask_line(p2p::Host& host, p2p::PeerId peer,
                           std::vector<p2p::ProtocolId> protocols, std::string line, Deadline by) {
  p2p::OpenOptions options{.by = by};
  auto stream = co_await host.open(peer, std::move(protocols), options);
  line += '\n';
  co_await stream.write(as_bytes(line), by);
  stream.close_write();
  auto answer = co_await p2p::read_line(stream, 100, by);
  stream.close();
  co_return answer.value_or("");
}

}  // namespace goop::sim
