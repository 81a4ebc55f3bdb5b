#include "p2p/swarm/host_impl.h"

#include "base/failure_log.h"
#include "base/log.h"
#include "base/supervised.h"
#include "p2p/protocols/ping/ping.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

Task<> close_in_order(std::shared_ptr<Connection> connection, Deadline by) {
  co_await connection->close(by);
}

// Whether one of the interfaces has the address, whatever its scope id.
bool is_on(std::span<const net::Interface> interfaces, const IpAddress& ip) {
  return ip.is_loopback() || std::ranges::any_of(interfaces, [&ip](const auto& interface) {
           const auto& own = interface.address;
           if (own.is_v4() || ip.is_v4()) return own == ip;
           return own.to_v6().to_bytes() == ip.to_v6().to_bytes();
         });
}

}  // namespace

Host::Impl::Impl(Runtime& rt, net::Network& net, HostOptions given)
    : runtime(rt),
      network(net),
      options(std::move(given)),
      id(PeerId::from_key(options.key.public_key())),
      budget(options.budget, [this](std::uint64_t ticket) { end_displaced(ticket); }),
      work(options.work),
      book(id),
      events(rt),
      dialer({rt, net, options.key, pool, budget, book, options.gater, options.early_muxer}),
      identify({rt, options.key, book, handlers, options.agent_version, options.min_record_seq,
                [this] { return addresses(); },
                [this](const Stream& stream) {
                  const auto found = connections_.find(stream.connection().id);
                  return found == connections_.end() ? nullptr : found->second;
                },
                [this] { return live(); },
                [this](const PeerId& peer) { events.publish(PeerIdentified{peer}); }}),
      tasks_(rt, "host") {
  handlers[protocol::identify] = {[this](Stream s) { return identify.answer(std::move(s)); },
                                  {.per_peer = 4, .total = 64}};
  handlers[protocol::identify_push] = {
      [this](Stream s) { return identify.take_push(std::move(s)); }, {.per_peer = 4, .total = 64}};
  // js-libp2p and go-libp2p allow two at once; a third is room for one that is just ending.
  handlers[protocol::ping] = {[this](Stream s) { return serve_ping(std::move(s), runtime); },
                              {.per_peer = 3, .total = 1024}};
}

// --- life ---

Result<void> Host::Impl::start() {
  std::optional<std::uint16_t> shared_port;
  for (const auto& address : options.listen) GOOP_CHECK(listen_on(address, shared_port));
  std::vector<net::Endpoint> bound;
  for (const auto& [listener, at] : listeners) bound.push_back(at);
  dialer.set_listening(bound, own_endpoints());
  identify.set_listening(bound);
  last_addresses_ = addresses();
  for (const auto& [listener, at] : listeners) {
    auto accept = [this, shared = listener.get()] { return accept_loop(*shared); };
    tasks_.spawn(supervised(runtime, "host listener", std::move(accept)));
  }
  tasks_.spawn(supervised(runtime, "identify push", [this] { return identify.push_loop(); }));
  tasks_.spawn(supervised(runtime, "host maintenance", [this] { return maintain(); }));
  tasks_.spawn(supervised(runtime, "host interfaces", [this] { return watch_interfaces(); }));
  return {};
}

// Wildcard listeners of both families share one port: the first to be bound decides it.
Result<void> Host::Impl::listen_on(const Multiaddr& address, std::optional<std::uint16_t>& shared) {
  const auto target = address.tcp_endpoint();
  const auto* ip = target ? std::get_if<IpAddress>(&target->host) : nullptr;
  if (!ip || !address.is_plain_tcp()) {
    return fail(Errc::invalid, "cannot listen on {}: only /ip4|ip6/…/tcp/… is supported",
                address.to_string());
  }
  net::Endpoint at{*ip, target->port};
  if (at.port == 0 && shared) at.port = *shared;
  auto listener = network.listen(at, {.reuse_port = true});
  if (!listener) {
    // A machine without IPv6 still has a peer.
    if (ip->is_v6() && ip->is_unspecified() && !listeners.empty()) {
      log::warn("listen.skipped", {{"address", address.to_string()}, {"error", listener.error()}});
      return {};
    }
    return std::unexpected(std::move(listener.error()));
  }
  const auto bound = (*listener)->local();
  shared = bound.port;
  listeners.push_back({std::move(*listener), bound});
  return {};
}

Task<> Host::Impl::stop(Deadline by) {
  stopping_ = true;
  for (auto& [listener, at] : listeners) listener->close();
  TaskScope closing(runtime, "closing connections");
  for (auto& connection : live()) {
    closing.spawn(close_in_order(std::move(connection), by), [](std::optional<Error>) {});
  }
  co_await closing.join();
  co_await tasks_.close();
  listeners.clear();
}

Task<> Host::Impl::maintain() {
  Instant expired = runtime.now();
  for (;;) {
    co_await runtime.sleep_for(limits::trim_interval);
    trim();
    if (runtime.now() - expired > 1min) {
      expired = runtime.now();
      book.expire(expired);
    }
    note_addresses();
  }
}

Task<> Host::Impl::watch_interfaces() {
  const auto watch = network.watch_interfaces();
  for (;;) {
    co_await watch->changed(Deadline::never());
    co_await runtime.sleep_for(limits::interfaces_settle);
    note_addresses();
    end_homeless();
  }
}

void Host::Impl::note_addresses() {
  auto now = addresses();
  if (now == last_addresses_) return;
  last_addresses_ = std::move(now);
  std::vector<net::Endpoint> bound;
  for (const auto& [listener, at] : listeners) bound.push_back(at);
  dialer.set_listening(std::move(bound), own_endpoints());
  identify.changed();
  events.publish(AddressesChanged{});
}

// A connection from an address that this machine has no more: nothing of it arrives anywhere, and
// its end is found by a ping much later.
void Host::Impl::end_homeless() {
  const auto interfaces = network.interfaces();
  if (interfaces.empty()) return;  // they could not be read
  for (const auto& connection : live()) {
    const auto local = connection->info().local.tcp_endpoint();
    const auto* ip = local ? std::get_if<IpAddress>(&local->host) : nullptr;
    if (ip && !is_on(interfaces, *ip)) connection->abort();
  }
}

void Host::Impl::trim() {
  look_for_use();
  const Instant now = runtime.now();
  std::vector<std::uint64_t> victims;
  std::size_t left = connections_.size();
  if (left > options.budget.high_water) {
    for (; left > options.budget.low_water; --left) {
      const auto idle = budget.shed(now - limits::trim_grace);
      if (!idle) break;
      victims.push_back(*idle);
    }
  }
  std::vector<TrimCandidate> all, ours;
  for (auto& [number, connection] : connections_) {
    const auto info = connection->info();
    update_standing(*connection);
    if (info.streams > 0) connection->idle_since = now;
    all.push_back({number, info.peer, info.direction, info.limited, info.streams, info.opened,
                   connection->idle_since});
    if (info.direction == Direction::outbound) ours.push_back(all.back());
  }
  // Of our own ones as many as are still too many.
  const std::size_t theirs = left - std::min(left, ours.size());
  const auto beside = [theirs](std::size_t mark) { return mark - std::min(mark, theirs); };
  const WaterMarks marks{beside(options.budget.low_water), beside(options.budget.high_water)};
  for (const auto own : choose_victims(ours, protections, marks, now)) victims.push_back(own);
  for (const auto redundant : choose_redundant(all, id, now)) victims.push_back(redundant);
  for (const auto number : victims) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) continue;
    close(found->second);
  }
}

// The budget decides by it who makes room.
void Host::Impl::look_for_use() {
  const Instant now = runtime.now();
  if (now < looked_for_use_ + limits::use_pace) return;
  looked_for_use_ = now;
  for (auto& [number, connection] : connections_) connection->look_for_use(now);
}

void Host::Impl::update_standing(Connection& connection) {
  const bool known = protections.holds(connection.peer()) ||
                     (options.knows && options.knows(connection.peer(), connection.info().remote));
  connection.set_known(known);
}

// Another connection got its place.
void Host::Impl::end_displaced(std::uint64_t ticket) {
  ++counters.displaced;
  if (const auto found = handshakes_.find(ticket); found != handshakes_.end()) {
    found->second->abort();
  } else if (const auto live_one = connections_.find(ticket); live_one != connections_.end()) {
    log::debug("connection.displaced", {{"peer", live_one->second->peer()}});
    live_one->second->abort();
  }
}

void Host::Impl::close(std::shared_ptr<Connection> connection) {
  const auto by = Deadline::after(runtime.now(), limits::close_time);
  tasks_.spawn(close_in_order(std::move(connection), by));
}

// --- connections come and go ---

Task<> Host::Impl::accept_loop(net::Listener& listener) {
  FailureLog failures("accept");
  for (;;) {
    auto accepting = listener.accept();
    auto raw = co_await attempt(std::move(accepting));
    if (!raw) {
      if (stopping_) co_return;
      failures.failed(raw.error(), runtime.now());  // no descriptors left, most likely
      co_await runtime.sleep_for(limits::accept_pause);
      continue;
    }
    failures.succeeded();
    const auto remote = (*raw)->remote();
    const bool gated = options.gater.may_accept &&
                       !options.gater.may_accept(Multiaddr::tcp(remote.address, remote.port));
    if (budget.crowded()) look_for_use();
    Result<ConnectionTicket> ticket = fail(Errc::forbidden, "the gater refuses it");
    if (!gated) ticket = budget.accept(remote.address, runtime.now());
    if (!ticket) {
      ++counters.refused;
      log::debug("accept.refused", {{"remote", remote}, {"error", ticket.error()}});
      continue;
    }
    ++counters.accepted;
    auto quiet = [this](std::optional<Error> error) {
      if (!error || error->code == Errc::cancelled) return;
      ++counters.handshake_failures;
      log::debug("handshake.failed", {{"error", *error}});
    };
    handshakes_.emplace(ticket->id(), raw->get());
    tasks_.spawn(take_inbound(std::move(*raw), std::move(*ticket)), quiet);
  }
}

Task<> Host::Impl::take_inbound(std::unique_ptr<net::ByteStream> raw, ConnectionTicket ticket) {
  const auto remote = raw->remote(), local = raw->local();
  const auto by = Deadline::after(runtime.now(), limits::inbound_upgrade);
  // The stream lives for as long as the upgrade, which ends together with its entry.
  struct Leaving {
    std::map<std::uint64_t, net::ByteStream*>& all;
    std::uint64_t ticket;
    ~Leaving() { all.erase(ticket); }
  } leaving{handshakes_, ticket.id()};
  UpgradeOptions upgrade{options.key, pool, options.early_muxer};
  auto upgraded = co_await upgrade_inbound(runtime, std::move(raw), std::move(upgrade), by);
  or_raise(adopt(std::move(upgraded), std::move(ticket), Direction::inbound,
                 Multiaddr::tcp(remote.address, remote.port),
                 Multiaddr::tcp(local.address, local.port)));
}

Result<std::shared_ptr<Connection>> Host::Impl::adopt(Upgraded upgraded, ConnectionTicket ticket,
                                                      Direction direction, Multiaddr remote,
                                                      Multiaddr local) {
  if (stopping_) return fail(Errc::cancelled, "the host is stopping");
  if (upgraded.peer == id) {
    saw_self(remote);
    return fail(Errc::forbidden, "that is ourselves");
  }
  if (options.gater.may_keep && !options.gater.may_keep(upgraded.peer, remote)) {
    return fail(Errc::forbidden, "the gater refuses {}", upgraded.peer);
  }
  GOOP_CHECK(ticket.attach(upgraded.peer, runtime.now()));
  mux::YamuxOptions mux;
  mux.role = direction == Direction::outbound ? mux::Role::client : mux::Role::server;
  mux.surplus = std::move(upgraded.surplus);
  mux.work = work.of_connection(remote, runtime.now());
  mux.info = {.id = ticket.id(),
              .peer = upgraded.peer,
              .direction = direction,
              .remote = std::move(remote),
              .local = std::move(local),
              .limited = false,
              .opened = runtime.now(),
              .rtt = std::nullopt,
              .streams = 0};
  const Connection::Parts parts{runtime, budget, handlers, counters};
  auto connection = std::make_shared<Connection>(parts, std::move(upgraded.channel), std::move(mux),
                                                 std::move(upgraded.key), std::move(ticket));
  handshakes_.erase(connection->id());
  connections_[connection->id()] = connection;
  update_standing(*connection);
  auto& siblings = by_peer_[connection->peer()];
  siblings.push_back(connection);
  if (siblings.size() == 1) {
    book.connected(connection->peer());
    events.publish(PeerConnected{connection->peer()});
  }
  tasks_.spawn(serve(connection));
  auto quiet = [peer = connection->peer()](std::optional<Error> error) {
    if (error) log::debug("identify.failed", {{"peer", peer}, {"error", *error}});
  };
  tasks_.spawn(identify.ask(connection), quiet);
  return connection;
}

// Not when it is us: a way that leads back, through a router, comes from an address of ours.
void Host::Impl::saw_self(const Multiaddr& at) {
  const auto target = at.tcp_endpoint();
  const auto* ip = target ? std::get_if<IpAddress>(&target->host) : nullptr;
  if (ip && !is_on(network.interfaces(), *ip)) events.publish(SelfSeen{at});
}

Task<> Host::Impl::look_for_self(Multiaddr at, Deadline by) {
  const auto target = at.tcp_endpoint();
  const auto* ip = target ? std::get_if<IpAddress>(&target->host) : nullptr;
  if (!ip || is_on(network.interfaces(), *ip)) co_return;
  const net::Endpoint there{*ip, target->port};
  co_await dialer.prove(there, id, by);
  saw_self(at);
}

Task<> Host::Impl::serve(std::shared_ptr<Connection> connection) {
  std::exception_ptr thrown;
  try {
    co_await connection->serve();
  } catch (...) {
    thrown = std::current_exception();
  }
  counters.bytes_in += connection->mux().bytes_in();
  counters.bytes_out += connection->mux().bytes_out();
  counters.floods += connection->mux().flooded() ? 1 : 0;
  remove(connection);
  if (thrown) std::rethrow_exception(thrown);
}

void Host::Impl::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection->id());
  const auto found = by_peer_.find(connection->peer());
  if (found == by_peer_.end()) return;
  std::erase(found->second, connection);
  if (!found->second.empty()) return;
  by_peer_.erase(found);
  book.disconnected(connection->peer(), runtime.now());
  using How = PeerDisconnected::How;
  const auto how = connection->ended_in_order() ? How::in_order : How::lost;
  events.publish(PeerDisconnected{connection->peer(), how});
}

// --- reaching a peer ---

std::vector<std::shared_ptr<Connection>> Host::Impl::live() const {
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto& [number, connection] : connections_) all.push_back(connection);
  return all;
}

std::shared_ptr<Connection> Host::Impl::best(const PeerId& peer, bool allow_limited) const {
  const auto found = by_peer_.find(peer);
  if (found == by_peer_.end()) return nullptr;
  std::vector<TrimCandidate> candidates;
  for (const auto& connection : found->second) {
    if (connection->ended()) continue;
    const auto info = connection->info();
    candidates.push_back({info.id, info.peer, info.direction, info.limited, info.streams,
                          info.opened, connection->idle_since});
  }
  const auto* chosen = choose_for_stream(candidates, allow_limited);
  return chosen ? connections_.at(chosen->id) : nullptr;
}

Task<std::shared_ptr<Connection>> Host::Impl::reach(PeerId peer, bool allow_limited, Deadline by) {
  if (auto live_one = best(peer, allow_limited)) co_return live_one;
  if (stopping_) raise(Errc::cancelled, "the host is stopping");
  if (peer == id) raise(Errc::invalid, "a peer does not dial itself");
  auto pending = dials_[peer];
  if (!pending) {
    pending = dials_[peer] = std::make_shared<Pending>(runtime);
    tasks_.spawn(dial_task(peer, pending), [](std::optional<Error>) {});
  }
  while (!pending->over) co_await pending->done.wait(by, fmt::format("dialling {}", peer));
  if (auto live_one = best(peer, allow_limited)) co_return live_one;
  if (pending->error) throw Failure(*pending->error);
  raise(Errc::closed, "the connection to {} ended at once", peer);
}

Task<> Host::Impl::dial_task(PeerId peer, std::shared_ptr<Pending> pending) {
  ++counters.dials;
  const auto by = Deadline::after(runtime.now(), limits::dial_timeout_peer);
  std::exception_ptr thrown;
  try {
    auto dialled = co_await dialer.dial(peer, by);
    or_raise(adopt(std::move(dialled.upgraded), std::move(dialled.ticket), Direction::outbound,
                   std::move(dialled.remote), std::move(dialled.local)));
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    ++counters.dial_failures;
    pending->error = error_of(thrown);
  }
  pending->over = true;
  dials_.erase(peer);
  pending->done.notify_all();
}

// --- our own addresses ---

std::vector<net::Endpoint> Host::Impl::own_endpoints() const {
  std::vector<net::Endpoint> own;
  for (const auto& [listener, at] : listeners) {
    if (!at.address.is_unspecified()) {
      own.push_back(at);
      continue;
    }
    for (const auto& interface : network.interfaces()) {
      if (interface.address.is_v4() == at.address.is_v4())
        own.push_back({interface.address, at.port});
    }
  }
  return own;
}

std::vector<Multiaddr> Host::Impl::addresses() const {
  std::vector<Multiaddr> all;
  for (const auto& own : own_endpoints()) {
    auto address = Multiaddr::tcp(own.address, own.port);
    if (address.scope() != AddressScope::link_local) all.push_back(std::move(address));
  }
  for (auto& observed : identify.observed()) {
    if (std::ranges::find(all, observed) == all.end()) all.push_back(std::move(observed));
  }
  return all;
}

}  // namespace goop::p2p
