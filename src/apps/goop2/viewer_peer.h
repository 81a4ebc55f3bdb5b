// The running peer as the viewer wants to see it.
//
// Translates both ways and keeps nothing: what is shown is asked of the peer when it is shown.
//
// Thread: loop only.   Borrows: Runtime, Peer.   Errors: as viewer::ViewerPeer says.
#pragma once

#include "apps/goop2/perf_run.h"
#include "peer/peer.h"
#include "viewer/viewer.h"

namespace goop::apps {

class PeerForViewer final : public viewer::ViewerPeer {
 public:
  PeerForViewer(Runtime& runtime, peer::Peer& peer);

  Task<> stop();  // before it dies

  const p2p::PeerId& id() const override { return peer_.id(); }
  viewer::SelfView self() const override;
  std::vector<viewer::ConnectionView> connections() const override;
  std::optional<viewer::ConnectionView> connection(const p2p::PeerId& peer) const override;
  std::vector<viewer::KnownPeerView> peers() const override;
  std::optional<viewer::KnownPeerView> known_peer(const p2p::PeerId& peer) const override;
  Result<void> set_favorite(const p2p::PeerId& peer, viewer::Favorite wanted) override;
  Task<> probe(Deadline by) override { return peer_.presence().probe_all(by); }
  Task<Result<void>> set_profile(viewer::ProfileChange wanted, Deadline by) override;
  void appear(viewer::Appear how) override;
  Feed<viewer::PeerNews>& news() override { return news_; }
  std::shared_ptr<peer::site::SiteSource> site(const p2p::PeerId& peer) override;
  Task<viewer::OwnSiteView> check_site() override;
  std::string display_name(const p2p::PeerId& peer) const override;
  bool visited(const p2p::PeerId& peer) const override { return peer_.visited(peer); }
  Task<Result<p2p::PeerId>> visit(std::string address, Deadline by) override;
  Task<Result<Duration>> ping(std::string address, Deadline by) override;
  Task<Result<viewer::PerfTimes>> perf(std::string address, viewer::PerfPlan plan,
                                       Deadline by) override;
  bool ready() const override { return peer_.ready(); }
  std::string metrics() const override;

 private:
  std::string known_label(const p2p::PeerId& peer) const;
  viewer::ConnectionView shown(const p2p::ConnectionInfo& connection) const;
  Task<Result<p2p::PeerId>> reach(std::string address, Deadline by);
  PerfWatch perf_teller(p2p::PeerId peer);
  Task<> pass_on_news();
  Task<> pass_on_presence();
  Task<> pass_on_links();

  Runtime& runtime_;
  peer::Peer& peer_;
  Feed<viewer::PeerNews> news_;
  std::uint64_t news_read_, presence_read_;  // of the peer's feeds
  TaskScope tasks_;
};

}  // namespace goop::apps
