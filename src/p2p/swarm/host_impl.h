// The parts of a Host and how they meet; private to host.cpp and its neighbours.
#pragma once

#include "p2p/host.h"
#include "p2p/swarm/connection_trim.h"
#include "p2p/swarm/dialer.h"
#include "p2p/swarm/identify_service.h"
#include "p2p/swarm/work_budgets.h"

namespace goop::p2p {

class Host::Impl {
 public:
  Impl(Runtime& runtime, net::Network& network, HostOptions options);

  Result<void> start();
  Task<> stop(Deadline by);

  std::shared_ptr<Connection> best(const PeerId& peer, bool allow_limited) const;
  Task<std::shared_ptr<Connection>> reach(PeerId peer, bool allow_limited, Deadline by);
  Task<> look_for_self(Multiaddr at, Deadline by);
  std::vector<Multiaddr> addresses() const;
  std::vector<std::shared_ptr<Connection>> live() const;
  void close(std::shared_ptr<Connection> connection);  // in order, within limits::close_time

  Runtime& runtime;
  net::Network& network;
  HostOptions options;
  const PeerId id;
  std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
  Budget budget;
  WorkBudgets work;
  AddressBook book;
  HandlerTable handlers;
  Protections protections;
  Feed<HostEvent> events;
  Counters counters;
  Dialer dialer;
  IdentifyService identify;

  struct Bound {
    std::unique_ptr<net::Listener> listener;
    net::Endpoint at;
  };
  std::vector<Bound> listeners;

 private:
  // A dial that several callers may wait for.
  struct Pending {
    explicit Pending(Runtime& runtime) : done(runtime) {}
    Signal done;
    bool over = false;
    std::optional<Error> error;
  };

  Result<void> listen_on(const Multiaddr& address, std::optional<std::uint16_t>& shared_port);
  Task<> accept_loop(net::Listener& listener);
  Task<> take_inbound(std::unique_ptr<net::ByteStream> raw, ConnectionTicket ticket);
  Task<> dial_task(PeerId peer, std::shared_ptr<Pending> pending);
  Task<> maintain();
  Task<> watch_interfaces();
  void saw_self(const Multiaddr& at);
  void note_addresses();
  void end_homeless();
  Result<std::shared_ptr<Connection>> adopt(Upgraded upgraded, ConnectionTicket ticket,
                                            Direction direction, Multiaddr remote, Multiaddr local);
  Task<> serve(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  void trim();
  void look_for_use();
  void update_standing(Connection& connection);
  void end_displaced(std::uint64_t ticket);
  std::vector<net::Endpoint> own_endpoints() const;

  // By their tickets' ids.
  std::map<std::uint64_t, net::ByteStream*> handshakes_;  // inbound ones under way
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::unordered_map<PeerId, std::vector<std::shared_ptr<Connection>>> by_peer_;
  std::unordered_map<PeerId, std::shared_ptr<Pending>> dials_;
  Instant looked_for_use_{};
  std::vector<Multiaddr> last_addresses_;
  bool stopping_ = false;
  TaskScope tasks_;
};

}  // namespace goop::p2p
