// One libp2p peer: the only p2p header that upper layers need beside multi/ and stream.h.
//
//   p2p::Host host(runtime, network, std::move(options));
//   host.handle(site_protocol, [&](p2p::Stream s) { return server.serve(std::move(s)); });
//   co_await host.start();
//   p2p::Stream stream = co_await host.open(peer, protocols, {.deadline = by});
//
// The host finds a way to a peer (a live connection, else ranked dials of the known addresses),
// keeps one connection per peer, and reports what happens as events. Policy lives in swarm/, the
// standard protocols (identify, ping) in protocols/.
//
// Owns: listeners, connections, address book, their tasks.   Borrows: Runtime, Network.
// Thread: loop only.   Limits: swarm/limits.h, HostOptions::budget.
// Errors: open and connect throw unreachable, unsupported, timeout, busy, unverified, cancelled.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/feed.h"
#include "net/network.h"
#include "p2p/multi/envelope.h"
#include "p2p/multi/keys.h"
#include "p2p/secure/noise_handshake.h"
#include "p2p/stream.h"
#include "p2p/swarm/budget.h"
#include "p2p/swarm/gater.h"
#include "p2p/work_budget.h"

namespace goop::p2p {

struct HostOptions {
  explicit HostOptions(KeyPair identity) : key(std::move(identity)) {}

  KeyPair key;
  std::string agent_version = "goop2";
  std::vector<Multiaddr> listen;  // wildcard addresses and port 0 allowed; empty: dial only
  BudgetLimits budget;
  WorkLimits work;
  Gater gater;  // empty: everybody may connect
  // Peers that are known well: where room must be made, their connections are closed last.
  std::function<bool(const PeerId&, const Multiaddr& remote)> knows;
  std::uint64_t min_record_seq = 0;            // the newest peer record's seq of an earlier run
  EarlyMuxer early_muxer = EarlyMuxer::offer;  // withhold: for interop tests of the plain way
};

struct OpenOptions {
  Deadline by;
  bool allow_limited = true;  // also over a relayed connection with limits
};

// What happened; numbered by the feed.
struct PeerConnected {
  PeerId peer;
};  // its first connection is up
struct PeerIdentified {
  PeerId peer;
};  // identify came in, or a push changed it
struct PeerDisconnected {
  PeerId peer;
  enum class How { in_order, lost };  // lost: neither side said that it would end it
  How how = How::in_order;
};  // its last connection is gone
struct AddressesChanged {};  // our own
struct SelfSeen {
  Multiaddr at;
};  // a handshake proved our own key there: another process runs with it
using HostEvent =
    std::variant<PeerConnected, PeerIdentified, PeerDisconnected, AddressesChanged, SelfSeen>;

// What a peer said of itself in identify; bounded, text is printable.
struct PeerFacts {
  std::string agent;
  std::string protocol_version;
  std::vector<ProtocolId> protocols;
  std::vector<Multiaddr> addresses;   // from its signed record when there was one
  std::optional<Multiaddr> observed;  // how it sees us
  bool signed_record = false;
};

class Host {
 public:
  using Handler = std::function<Task<>(Stream)>;

  Host(Runtime& runtime, net::Network& network, HostOptions options);
  ~Host();  // stop() must have run

  // Registers `handler` for inbound streams of `protocol`. A failure it throws resets its stream.
  // Connected peers learn of the change by identify push.
  void handle(ProtocolId protocol, Handler handler, HandlerLimits limits = {});
  void unhandle(const ProtocolId& protocol);

  // Listens and serves. Errors: conflict (the port is taken), forbidden, invalid.
  Result<void> start();

  // Refuses new work, ends connections in order within `by`, joins every task.
  Task<> stop(Deadline by);

  const PeerId& id() const;
  const KeyPair& key() const;

  // Where others may reach us: the listening addresses with wildcards resolved, without /p2p.
  std::vector<Multiaddr> addresses() const;
  std::vector<Multiaddr> listening() const;  // as bound, port filled in
  std::uint64_t record_seq() const;          // of the newest own peer record; store it

  // Dials if needed. Addresses given here are remembered like those of add_addresses.
  Task<ConnectionInfo> connect(PeerId peer, std::vector<Multiaddr> addresses, Deadline by);

  // A stream of the first of `protocols` that the peer speaks. When its identify has come in, the
  // choice is made from that and costs no round trip; else it is negotiated.
  Task<Stream> open(PeerId peer, std::vector<ProtocolId> protocols, OpenOptions options);

  // Somebody says that we are at this address, which is none of ours. When its handshake proves our
  // key both sides hear of it as SelfSeen; the connection ends in any case.
  Task<> look_for_self(Multiaddr at, Deadline by);

  // Round trip over the peer's connection (`/ipfs/ping/1.0.0`); must be connected.
  Task<Duration> ping(PeerId peer, Deadline by);

  void add_addresses(const PeerId& peer, std::span<const Multiaddr> addresses, Duration ttl);
  // What a third party says, who is as far away as `teller`: dialled with care, forgotten first.
  void tell_addresses(const PeerId& peer, std::span<const Multiaddr> addresses, AddressScope teller,
                      Duration ttl);
  std::vector<Multiaddr> known_addresses(const PeerId& peer) const;

  bool connected(const PeerId& peer) const;
  std::vector<ConnectionInfo> connections() const;
  std::vector<ConnectionInfo> connections(const PeerId& peer) const;
  std::optional<PeerFacts> facts(const PeerId& peer) const;  // of the live connection's identify

  // A protected peer's connections are kept when the connection manager trims; it is known, too.
  void protect(const PeerId& peer, std::string_view tag);
  void unprotect(const PeerId& peer, std::string_view tag);
  void disconnect(const PeerId& peer);  // in order: what is under way goes out

  // Dials addresses that failed lately as if they had not: a person pressed "try again".
  void forget_failures(const PeerId& peer);

  Feed<HostEvent>& events();

  struct Counters {
    std::uint64_t dials = 0, dial_failures = 0, accepted = 0, refused = 0, handshake_failures = 0;
    std::uint64_t displaced = 0;  // inbound ones that made room for others
    std::uint64_t streams_in = 0, streams_out = 0, streams_refused = 0;
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::uint64_t work = 0, slowed = 0, floods = 0;  // units charged; connections slowed, closed
  };
  Counters counters() const;
  const Budget::Usage& usage() const;  // of HostOptions::budget

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::p2p
