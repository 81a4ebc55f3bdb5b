#include "p2p/host.h"

#include "p2p/protocols/ping/ping.h"
#include "p2p/swarm/host_impl.h"

namespace goop::p2p {

Host::Host(Runtime& runtime, net::Network& network, HostOptions options)
    : impl_(std::make_unique<Impl>(runtime, network, std::move(options))) {}

Host::~Host() = default;

void Host::handle(ProtocolId protocol, Handler handler, HandlerLimits limits) {
  impl_->handlers[std::move(protocol)] = {std::move(handler), limits};
  impl_->identify.changed();
}

void Host::unhandle(const ProtocolId& protocol) {
  if (impl_->handlers.erase(protocol) > 0) impl_->identify.changed();
}

Result<void> Host::start() { return impl_->start(); }
Task<> Host::stop(Deadline by) { return impl_->stop(by); }

const PeerId& Host::id() const { return impl_->id; }
const KeyPair& Host::key() const { return impl_->options.key; }
std::vector<Multiaddr> Host::addresses() const { return impl_->addresses(); }
std::uint64_t Host::record_seq() const { return impl_->identify.record_seq(); }

std::vector<Multiaddr> Host::listening() const {
  std::vector<Multiaddr> bound;
  for (const auto& [listener, at] : impl_->listeners)
    bound.push_back(Multiaddr::tcp(at.address, at.port));
  return bound;
}

Task<ConnectionInfo> Host::connect(PeerId peer, std::vector<Multiaddr> addresses, Deadline by) {
  add_addresses(peer, addresses, limits::given_life);
  const auto connection = co_await impl_->reach(peer, true, by);
  co_return connection->info();
}

Task<Stream> Host::open(PeerId peer, std::vector<ProtocolId> protocols, OpenOptions options) {
  const auto connection = co_await impl_->reach(peer, options.allow_limited, options.by);
  co_return co_await connection->open(std::move(protocols), Connection::Opening::lazy_if_known,
                                      options.by);
}

Task<> Host::look_for_self(Multiaddr at, Deadline by) {
  return impl_->look_for_self(std::move(at), by);
}

Task<Duration> Host::ping(PeerId peer, Deadline by) {
  const auto connection = impl_->best(peer, true);
  if (!connection) raise(Errc::unreachable, "not connected to {}", peer);
  std::vector<ProtocolId> wanted = {protocol::ping};
  auto stream = co_await connection->open(wanted, Connection::Opening::lazy_if_known, by);
  const auto first = co_await ping_once(stream, impl_->runtime, by);
  stream.close();
  co_return first;
}

void Host::add_addresses(const PeerId& peer, std::span<const Multiaddr> addresses, Duration ttl) {
  impl_->book.give(peer, addresses, ttl, impl_->runtime.now());
}

void Host::tell_addresses(const PeerId& peer, std::span<const Multiaddr> addresses,
                          AddressScope teller, Duration ttl) {
  impl_->book.tell(peer, addresses, teller, ttl, impl_->runtime.now());
}

std::vector<Multiaddr> Host::known_addresses(const PeerId& peer) const {
  return impl_->book.addresses(peer, impl_->runtime.now());
}

bool Host::connected(const PeerId& peer) const { return impl_->best(peer, true) != nullptr; }

std::vector<ConnectionInfo> Host::connections() const {
  std::vector<ConnectionInfo> all;
  for (const auto& connection : impl_->live()) all.push_back(connection->info());
  return all;
}

std::vector<ConnectionInfo> Host::connections(const PeerId& peer) const {
  auto all = connections();
  std::erase_if(all, [&](const auto& info) { return info.peer != peer; });
  return all;
}

std::optional<PeerFacts> Host::facts(const PeerId& peer) const {
  const auto connection = impl_->best(peer, true);
  return connection ? connection->facts : std::nullopt;
}

void Host::protect(const PeerId& peer, std::string_view tag) {
  impl_->protections.protect(peer, tag);
}
void Host::unprotect(const PeerId& peer, std::string_view tag) {
  impl_->protections.unprotect(peer, tag);
}

void Host::forget_failures(const PeerId& peer) { impl_->dialer.forget_failures(peer); }

void Host::disconnect(const PeerId& peer) {
  for (auto& connection : impl_->live()) {
    if (connection->peer() == peer) impl_->close(std::move(connection));
  }
}

Feed<HostEvent>& Host::events() { return impl_->events; }

const Budget::Usage& Host::usage() const { return impl_->budget.usage(); }

Host::Counters Host::counters() const {
  auto counters = impl_->counters;
  for (const auto& connection : impl_->live()) {
    counters.bytes_in += connection->mux().bytes_in();
    counters.bytes_out += connection->mux().bytes_out();
  }
  counters.work = impl_->work.all().charged();
  counters.slowed = impl_->work.all().slowed();
  return counters;
}

}  // namespace goop::p2p
