// Links of a libp2p host.
#include "p2p/host.h"
#include "peer/site/client.h"
#include "peer/site/server.h"

namespace goop::peer::site {
namespace {

Task<SiteLink> open_link(p2p::Host& host, Speak speak, p2p::PeerId owner, Deadline by) {
  std::vector<p2p::ProtocolId> versions{version_1};
  if (speak == Speak::newest) versions.insert(versions.begin(), version_2);
  const p2p::OpenOptions options{by};
  p2p::Stream stream = co_await host.open(owner, std::move(versions), options);
  SiteLink link;
  link.version = stream.protocol() == version_2 ? SiteLink::Version::v2 : SiteLink::Version::v1;
  link.io = std::make_unique<p2p::Stream>(std::move(stream));
  link.close = [](p2p::Duplex& io) { static_cast<p2p::Stream&>(io).close(); };
  co_return link;
}

}  // namespace

OpenLink open_from(p2p::Host& host, Speak speak) {
  return
      [&host, speak](p2p::PeerId owner, Deadline by) { return open_link(host, speak, owner, by); };
}

}  // namespace goop::peer::site
