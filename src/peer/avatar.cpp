#include "peer/avatar.h"

#include "peer/limits.h"

namespace goop::peer {
namespace {

Task<> write_none(p2p::Stream stream, Deadline by) {
  co_await stream.write(as_bytes("NONE\n"), by);
  stream.close();
}

}  // namespace

void serve_no_avatar(Runtime& runtime, p2p::Host& host) {
  host.handle(avatar_protocol, [&runtime](p2p::Stream stream) {
    return write_none(std::move(stream), Deadline::after(runtime.now(), limits::content_time));
  });
}

}  // namespace goop::peer
