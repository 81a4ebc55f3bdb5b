// The viewer: what a person's browser, and the command line, see of a running peer.
//
//   viewer::Viewer viewer(runtime, network, peer, std::move(options));
//   GOOP_CHECK(viewer.listen(wanted_port));      // 127.0.0.1 and [::1], one port
//   … viewer.start_url() …                       // with the login secret in its fragment
//   co_await viewer.stop(by);
//
// It translates: HTTP to calls of `ViewerPeer` and back. What a request may do is decided by the
// guard from the table of routes, before a route sees it; routes parse and format.
//
//   request ─> host class ─> router ─> guard ─> routes/<area>.cpp ─> ViewerPeer, SiteSource
//
// Owns: HTTP server, sessions, its event feed.   Borrows: Runtime, Network, ViewerPeer, AssetSet.
// Thread: loop only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/asset.h"
#include "base/feed.h"
#include "net/network.h"
#include "p2p/multi/multiaddr.h"
#include "peer/presence/sighting.h"
#include "peer/site/notices.h"
#include "peer/site/source.h"
#include "viewer/sessions.h"

namespace goop::viewer {

// A connected peer, as shown.
struct ConnectionView {
  p2p::PeerId peer;
  std::string label;    // how it calls itself, may be empty
  std::string address;  // the path it is reached by
  bool inbound = false;
  std::optional<Duration> rtt;  // the newest measurement
  WallTime opened{};
  std::size_t streams = 0;
};

// A peer that is or was here, as shown.
struct KnownPeerView {
  peer::presence::KnownPeer known;
  std::string address;   // of a connection to it; empty: there is none
  bool relayed = false;  // that connection goes through a relay
};

// What goop.json says of the person, and what they want it to say.
struct ProfileView {
  std::string label, email;
  bool share_email = false, listed = false;
};
struct ProfileChange {
  std::optional<std::string> label, email;
  std::optional<bool> share_email, listed;
};

enum class Favorite { no, yes };
enum class Appear { online, offline };

// Our own peer, as shown.
// A rendezvous server through which we find others and are found.
struct ServerView {
  std::string url, state, error;  // `state`: a word of peer/links/link_state.h
  bool up = false;
  std::optional<WallTime> next_try;
  std::optional<std::chrono::milliseconds> clock_ahead;  // of theirs: why they take nothing of us
};

// Another computer that runs with our identity.
struct TwinView {
  std::string where;  // its address; empty: not known
  WallTime seen;
};

struct SelfView {
  std::string label;
  std::vector<std::string> addresses;  // with /p2p, best first
  std::string link;                    // goop://…, with the addresses that others can use
  std::string version;
  WallTime started{};
  ProfileView profile = {};
  Appear appears = Appear::online;
  std::vector<ServerView> servers = {};
  std::optional<TwinView> twin = {};
  std::vector<std::string> notes = {};  // who can see us, where that is fewer than usual
};

// A measurement with libp2p's perf protocol: bytes each way, over streams at the same time.
struct PerfPlan {
  std::uint64_t download = 0, upload = 0;
  unsigned streams = 1;
};
struct PerfTimes {
  Duration connect{}, download{}, upload{};
};

// The folder of the own site, and what its owner should know of it.
struct OwnSiteView {
  std::string folder;
  std::vector<peer::site::SiteNotice> notices;
};

enum class PerfWay { download, upload };

// What has changed; what it is now is asked for when it is told.
struct SelfChanged {};
struct ConnectionChanged {
  p2p::PeerId peer;  // connected, gone, or measured anew
};
struct PerfMoved {  // a measurement that runs: the bytes of one direction so far
  p2p::PeerId peer;
  PerfWay way;
  std::uint64_t bytes;
};
struct KnownPeerChanged {  // of a row of peers()
  p2p::PeerId peer;
};
struct NewsLost {};  // more has changed than could be told: everything is to be read again
using PeerNews =
    std::variant<SelfChanged, ConnectionChanged, PerfMoved, KnownPeerChanged, NewsLost>;

// All that the viewer wants of a peer.
class ViewerPeer {
 public:
  virtual ~ViewerPeer() = default;

  virtual const p2p::PeerId& id() const = 0;
  virtual SelfView self() const = 0;
  virtual std::vector<ConnectionView> connections() const = 0;
  virtual std::optional<ConnectionView> connection(const p2p::PeerId& peer) const = 0;

  // Everybody who is or was here, in no order, and one of them.
  virtual std::vector<KnownPeerView> peers() const = 0;
  virtual std::optional<KnownPeerView> known_peer(const p2p::PeerId& peer) const = 0;

  // not_found: nobody knows this peer. busy: there are too many.
  virtual Result<void> set_favorite(const p2p::PeerId& peer, Favorite wanted) = 0;
  virtual Task<> probe(Deadline by) = 0;  // until each has answered or not

  // Written to goop.json and said to others at once. Errors: invalid, conflict, storage.
  virtual Task<Result<void>> set_profile(ProfileChange wanted, Deadline by) = 0;
  virtual void appear(Appear how) = 0;  // for as long as the peer runs

  // New measurements of one connection are told at most once a second; of perf, five times.
  virtual Feed<PeerNews>& news() = 0;

  // Where the files of `peer`'s site come from: our own folder, or that peer. Never null; whether
  // the peer can be reached shows when it is asked.
  virtual std::shared_ptr<peer::site::SiteSource> site(const p2p::PeerId& peer) = 0;

  // What of the own site's folder visitors do not get. Waits for the disk.
  virtual Task<OwnSiteView> check_site() = 0;

  // How to call a peer in a text: its label if one is known, else a short form of its id.
  virtual std::string display_name(const p2p::PeerId& peer) const = 0;

  // A person said that they want to see this site.
  virtual bool visited(const p2p::PeerId& peer) const = 0;

  // A person wants to visit `address` (multiaddr, goop:// or bare id): remembers its addresses and
  // that it was visited, and begins to dial without waiting for it. Errors: invalid, not_found (a
  // bare id without a known address), as Result or Failure.
  virtual Task<Result<p2p::PeerId>> visit(std::string address, Deadline by) = 0;

  // Round trip to `address`. Errors as for visit, and those of dialling as Failure.
  virtual Task<Result<Duration>> ping(std::string address, Deadline by) = 0;

  // Errors as for ping, and unsupported: an ordinary peer does not answer perf.
  virtual Task<Result<PerfTimes>> perf(std::string address, PerfPlan plan, Deadline by) = 0;

  virtual bool ready() const = 0;           // listens, and its stores are open
  virtual std::string metrics() const = 0;  // Prometheus text of everything but the viewer
};

struct ViewerOptions {
  const AssetSet* assets = nullptr;  // the built pages: index.html, assets/…, pages/…
  const AssetSet* manual = nullptr;  // docs/user/*.md
  std::string control_token;         // what the command line shows; empty: no command line
  std::vector<std::uint32_t> users;  // who of this computer is the owner, by number
  Sessions::Store sessions;
};

class Viewer {
 public:
  Viewer(Runtime& runtime, net::Network& network, ViewerPeer& peer, ViewerOptions options);
  ~Viewer();  // stop() must have run

  // Binds 127.0.0.1 and, where there is IPv6, [::1] to one port. With port 0 a free one is chosen,
  // `preferred` (that of the last run) tried first. Errors: conflict (the port is taken, in either
  // family: another program there would get the sites' traffic), forbidden.
  Result<void> listen(std::uint16_t port, std::uint16_t preferred = 0);

  // For a listener that somebody else bound; `port` is what browsers see.
  void serve(std::unique_ptr<net::Listener> listener, std::uint16_t port);

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:7777/"
  std::string start_url();  // url() with a login secret of its own
  Task<> stop(Deadline by);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::viewer
