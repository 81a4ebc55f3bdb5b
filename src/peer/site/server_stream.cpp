// The part of the server that knows host and streams.
#include "p2p/host.h"
#include "peer/site/limits.h"
#include "peer/site/server.h"

namespace goop::peer::site {

void SiteServer::attach(p2p::Host& host) {
  const p2p::HandlerLimits streams{limits::streams_per_peer, limits::streams_total};
  for (const p2p::ProtocolId& version : {version_2, version_1}) {
    host.handle(version, [this](p2p::Stream stream) { return serve(std::move(stream)); }, streams);
  }
}

Task<> SiteServer::serve(p2p::Stream stream) {
  if (stream.protocol() == version_2) {
    co_await serve_v2(stream, stream.peer());
  } else {
    co_await serve_v1(stream, stream.peer());
  }
  stream.close();
}

}  // namespace goop::peer::site
