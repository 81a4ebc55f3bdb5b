// A running peer: its parts, in the order in which they need each other.
//
//   Peer peer(runtime, network, {.path = dir, .prepared = std::move(prepared), .agent = agent});
//   co_await peer.start();                       // listens; stores are open
//   co_await peer.stop(Deadline::after(now, 3s));
//
// The constructor only connects parts. What happens is told by `news`; what is, is asked. Peers
// that were asked to be kept are dialled again, with growing pauses, as long as the peer runs.
//
// Owns: folder lock, database, host, site.   Borrows: Runtime, Network.   Thread: loop only.
// Errors: start throws conflict (a port is taken), storage; see the functions for the rest.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <variant>

#include "base/feed.h"
#include "net/tls/context.h"
#include "p2p/host.h"
#include "peer/links/links.h"
#include "peer/presence/presence.h"
#include "peer/setup/peer_cache.h"
#include "peer/setup/starter.h"
#include "peer/site/client.h"
#include "peer/site/notices.h"
#include "peer/site/server.h"
#include "peer/site/store.h"
#include "peer/visits.h"
#include "wire/link.h"

namespace goop::peer {

struct PeerOptions {
  std::filesystem::path path;  // the peer's folder
  setup::Prepared prepared;
  std::string agent;  // what identify says of the program
};

// Something about ourselves changed: profile, addresses.
struct SelfChanged {};
// A connection of this peer came, went, or has news.
struct PeerChanged {
  p2p::PeerId peer;
};
using PeerNews = std::variant<SelfChanged, PeerChanged>;

class Peer {
 public:
  Peer(Runtime& runtime, net::Network& network, PeerOptions options);
  Peer(const Peer&) = delete;
  ~Peer();  // stop() must have run, unless start() was never called

  Task<> start();
  Task<> stop(Deadline by);
  bool ready() const { return ready_; }

  const p2p::PeerId& id() const { return host_.id(); }
  const setup::Config& config() const { return config_.values(); }
  const store::Folder& folder() const { return folder_; }
  const std::string& label() const { return label_; }
  std::filesystem::path path() const { return path_; }
  WallTime started() const { return started_; }
  p2p::Host& host() { return host_; }
  const setup::PeerCache& known() const { return cache_; }

  // How others find us: dialable addresses, the furthest reaching first, without /p2p.
  std::vector<p2p::Multiaddr> addresses() const;
  wire::PeerAddress link() const;  // those that others can use

  // Where the files of a peer's site come from: our folder, or that peer.
  std::shared_ptr<site::SiteSource> site(const p2p::PeerId& peer);

  // What of our folder visitors do not get, although its owner may think so.
  struct SiteCheck {
    std::filesystem::path folder;
    std::vector<site::SiteNotice> notices;
  };
  Task<SiteCheck> check_site();

  // A person named an address: its addresses are remembered. not_found: a bare id of which no
  // address is known and that is not connected; invalid: no address at all.
  Result<p2p::PeerId> learn(std::string_view address);

  // A person wants to see this peer's site: it is remembered, and dialling begins.
  void visit(const p2p::PeerId& peer);
  bool visited(const p2p::PeerId& peer) const { return visits_.contains(peer); }

  // Dials the peer whenever it is not connected, and protects its connection.
  void keep(const p2p::PeerId& peer);

  // Whether this peer's connections are closed last where room must be made: favourites, neighbours
  // on a subnet of ours, and whom we have met on three days.
  bool knows(const p2p::PeerId& peer, const p2p::Multiaddr& remote) const;

  // Writes values to goop.json as `goop2 config set` does, and applies what can be at once.
  // invalid: a value breaks a rule, or the file has other mistakes; busy: one is being written.
  struct Setting {
    std::string key, value;
  };
  Task<Result<void>> configure(std::vector<Setting> wanted);

  Feed<PeerNews>& news() { return news_; }

  // Who is here, and how we appear to others.
  presence::Presence& presence() { return presence_; }
  // The rendezvous servers that tell us who is here, and that we tell.
  links::Links& links() { return links_; }

  struct SiteCounters {
    site::SiteServer::Counters served;
    site::SiteClient::Counters fetched;
  };
  SiteCounters site_counters() const { return {server_.counters(), client_.counters()}; }

 private:
  Task<> open_stores();
  Task<> load_stores();
  Task<> watch_host();
  Task<> watch_config();
  Task<> keep_connected(p2p::PeerId peer);
  Task<> dial(p2p::PeerId peer);
  Task<> tell_measurements();
  Task<> keep_record_seq();
  Task<> write_record_seq(std::uint64_t seq);
  setup::RememberedPeer known_as(const p2p::PeerId& peer) const;
  void remember(const p2p::PeerId& peer);
  Task<std::string> ask_label(p2p::PeerId peer, Deadline by);
  wire::Presence profile() const;
  p2p::HostOptions host_options(const p2p::KeyPair& key, std::string agent);
  presence::Presence::Options presence_options();
  links::Links::Out links_out();
  void take_config(setup::ConfigFile changed);

  Runtime& runtime_;
  net::Network& network_;
  std::filesystem::path path_;
  store::Folder folder_;
  setup::FolderLock lock_;
  setup::ConfigFile config_;
  std::string seen_config_;  // the text of goop.json that was last looked at
  std::string label_, version_;
  std::vector<net::Interface> interfaces_;
  store::Database database_;
  setup::PeerCache cache_;
  Visits visits_;
  p2p::Host host_;
  site::SiteStore site_;
  site::SiteServer server_;
  site::SiteClient client_;
  net::tls::Context tls_;
  links::Links links_;
  presence::Presence presence_;
  Feed<PeerNews> news_;
  WallTime started_{};
  std::uint64_t written_seq_ = 0;
  Signal record_grew_;
  std::set<p2p::PeerId> kept_;
  bool ready_ = false, configuring_ = false;
  TaskScope tasks_;  // last: every task has ended before anything above dies
};

}  // namespace goop::peer
