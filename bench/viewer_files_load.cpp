// deps: viewer peer_site store net
// The viewer over one folder as its own site, for a load generator from outside (wrk), side by side
// with another server of the same folder:
//
//   viewer_files_load FOLDER     prints the URL of the site; ends with SIGTERM
#include <cstdio>

#include "base/os_runtime.h"
#include "net/os_network.h"
#include "peer/site/store.h"
#include "viewer/origin.h"
#include "viewer/viewer.h"

namespace {

using namespace goop;
namespace site = peer::site;

// A peer that has a site and nothing else.
class SitePeer final : public viewer::ViewerPeer {
 public:
  SitePeer(Runtime& runtime, p2p::PeerId id, std::shared_ptr<site::SiteSource> own)
      : id_(id), own_(std::move(own)), news_(runtime) {}

  const p2p::PeerId& id() const override { return id_; }
  viewer::SelfView self() const override { return {}; }
  std::vector<viewer::ConnectionView> connections() const override { return {}; }
  std::optional<viewer::ConnectionView> connection(const p2p::PeerId&) const override { return {}; }
  Feed<viewer::PeerNews>& news() override { return news_; }
  std::shared_ptr<site::SiteSource> site(const p2p::PeerId&) override { return own_; }
  std::string display_name(const p2p::PeerId& peer) const override { return peer.to_string(); }
  bool visited(const p2p::PeerId&) const override { return true; }
  Task<Result<p2p::PeerId>> visit(std::string, Deadline) override { co_return id_; }
  Task<Result<Duration>> ping(std::string, Deadline) override { co_return Duration{}; }
  Task<Result<viewer::PerfTimes>> perf(std::string, viewer::PerfPlan, Deadline) override {
    co_return viewer::PerfTimes{};
  }
  bool ready() const override { return true; }
  std::string metrics() const override { return {}; }

 private:
  p2p::PeerId id_;
  std::shared_ptr<site::SiteSource> own_;
  Feed<viewer::PeerNews> news_;
};

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    fmt::print(stderr, "usage: viewer_files_load FOLDER\n");
    return 2;
  }
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  if (const auto folder = store::Folder::open(words[1]); !folder) {
    fmt::print(stderr, "{}\n", to_string(folder.error()));
    return 1;
  }
  const auto inspect = [] { return Result<site::SiteRules>(site::SiteRules{}); };
  const auto id = *p2p::PeerId::parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
  auto own = std::make_shared<site::SiteStore>(runtime, words[1], inspect);
  SitePeer peer(runtime, id, own);
  viewer::Viewer viewer(runtime, network, peer, {});
  if (const auto bound = viewer.listen(0); !bound) {
    fmt::print(stderr, "{}\n", to_string(bound.error()));
    return 1;
  }
  fmt::print("{}\n", viewer::site_url(id, viewer.port()));
  std::fflush(stdout);
  runtime.run();
}
