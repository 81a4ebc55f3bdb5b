// Who is here, and telling others that we are: the parts and how they meet.
//
//   gossip ──────┐                                                    ┌> events()
//   rendezvous ──┼> Intake ─> PeerTable ─> PeerEvents ────────────────┼> peer cache
//   connections ─┘                                                    └> Prober
//   mDNS ─> addresses ─> Prober ─> Host          Announcer ─> gossip, rendezvous
//
// Nobody writes around the table. Gossip and mDNS are owned here, since nothing else uses them; the
// links to rendezvous servers come in as callbacks and hand over what they hear (heard_from).
//
// Owns: table, announcer, prober, gossip, mDNS.   Borrows: Runtime, Host, PeerCache, Folder.
// Thread: loop only.   Errors: set_favourite says not_found, busy; the constructor throws invalid.
#pragma once

#include "base/feed.h"
#include "p2p/discovery/mdns.h"
#include "p2p/host.h"
#include "p2p/pubsub/pubsub.h"
#include "peer/presence/announcer.h"
#include "peer/presence/intake.h"
#include "peer/presence/prober.h"
#include "peer/presence/reconnector.h"
#include "peer/presence/twin_watch.h"
#include "peer/setup/peer_cache.h"
#include "store/folder.h"

namespace goop::peer::presence {

class Presence {
 public:
  struct Options {
    std::string topic = "goop.presence.v1";
    std::string mdns_service = "goop-mdns";
    Duration ttl = 20s, heartbeat = 5s, grace = 15min;
    // What our profile says; the addresses are filled in here.
    std::function<wire::Presence()> profile;
    Prober::Ask ask_label;
    // Every rendezvous server, and until what was given to it is out; empty: there is none.
    std::function<void(const wire::PresenceMessage&)> servers = {};
    std::function<Task<>(Deadline)> flush_servers = {};
    // Another computer with our identity came, moved or went.
    std::function<void()> twin_changed = [] {};
  };
  // Before the host starts.
  Presence(Runtime& runtime, net::Network& network, p2p::Host& host, setup::PeerCache& cache,
           store::Folder& folder, Options options);

  void start();              // the host runs, and the cache is loaded
  Task<> stop(Deadline by);  // says `offline` first; before the host stops

  std::vector<KnownPeer> snapshot() const { return table_.list(); }
  const KnownPeer* find(const p2p::PeerId& peer) const { return table_.find(peer); }
  Feed<PeerEvent>& events() { return events_; }

  // not_found: neither here nor remembered. busy: there are too many.
  Result<void> set_favourite(const p2p::PeerId& peer, PeerTable::Favourite wanted);
  Task<> probe_all(Deadline by);  // until each has answered or not
  void probe(const p2p::PeerId& peer) { prober_.probe(peer); }
  void appear(Announcer::Appear how) { announcer_.appear(how); }
  Announcer::Appear appears() const { return announcer_.appears(); }

  void profile_changed() { announcer_.changed(); }
  void set_grace(Duration grace);

  // A link to a server heard this. busy: too much is waiting to be checked.
  Result<void> heard_from(Intake::Server server, wire::PresenceMessage message) {
    return intake_.from_server(std::move(message), std::move(server));
  }

  // What servers that tell changes alone list, and list no more.
  void still_listed(std::span<const p2p::PeerId> peers) { tell(table_.still_listed(peers, now())); }
  void unlisted(std::span<const p2p::PeerId> peers) { tell(table_.unlisted(peers, now())); }

  // Another computer that runs with our identity, while there are signs of it.
  const std::optional<Twin>& twin() const { return twins_.twin(); }
  // A server says that a message of our identity with this number came from elsewhere. True: not
  // from us.
  bool is_twin(std::int64_t ts, std::string where);

  const Intake::Counters& counters() const { return intake_.counters(); }
  p2p::pubsub::PubSub::Counters gossip_counters() const { return gossip_.counters(); }
  p2p::discovery::Mdns::Counters mdns_counters() const { return mdns_.counters(); }

 private:
  Now now() const { return {runtime_.now(), runtime_.wall()}; }
  void tell(const PeerEvents& events);
  void take_addresses(const wire::Presence& said, p2p::AddressScope teller);
  void probed(const p2p::PeerId& peer, std::optional<std::string> label);
  p2p::pubsub::Verdict gossiped(const p2p::pubsub::Message& message);
  p2p::AddressScope distance(const p2p::PeerId& neighbour) const;
  void found(const p2p::PeerId& peer, const std::vector<p2p::Multiaddr>& addresses);
  bool is_local(const p2p::Multiaddr& address) const;
  Task<> reconnect(p2p::PeerId peer, Deadline by);
  void disconnected(const p2p::PeerDisconnected& gone);
  void heard_own(const wire::Presence& said);
  void saw_twin(std::string where);
  Task<> look_for_twin(p2p::Multiaddr address);
  wire::Presence self() const;
  void host_event(const p2p::HostEvent& event);
  Task<> watch_host();
  Task<> expire();
  Task<> flush(Deadline by);
  Task<> wait_until_heard(Deadline by);
  Task<> heard_by(p2p::PeerId peer, Deadline by);
  Task<> store_ts(std::int64_t ts);
  Announcer::Options announcer_options();

  Runtime& runtime_;
  p2p::Host& host_;
  setup::PeerCache& cache_;
  store::Folder& folder_;
  Options options_;
  p2p::pubsub::Topic topic_;
  PeerTable table_;
  Feed<PeerEvent> events_;
  p2p::pubsub::PubSub gossip_;
  p2p::discovery::Mdns mdns_;
  Intake intake_;
  Prober prober_;
  Reconnector reconnector_;
  TwinWatch twins_;
  Announcer announcer_;
  TaskScope tasks_;
};

}  // namespace goop::peer::presence
