// The part of the server that knows streams.
#include "p2p/stream.h"
#include "peer/site/server.h"

namespace goop::peer::site {

Task<> SiteServer::serve(p2p::Stream stream) {
  if (stream.protocol() == version_2) {
    co_await serve_v2(stream, stream.peer());
  } else {
    co_await serve_v1(stream, stream.peer());
  }
  stream.close();
}

}  // namespace goop::peer::site
