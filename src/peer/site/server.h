// Answers other peers' requests for files: the owner's side of both protocol versions.
//
//   SiteServer server(runtime, store);
//   server.attach(host);          // both versions are now served, and listed in identify
//
// One stream at a time is one coroutine: read a request, ask the source, send head and body, and
// with 2.0.0 again. A body passes through in chunks, never as a whole file. The other side's
// reading is what paces us; a side that does not read for limits::progress loses its stream.
//
// Spec:   docs/dev/protocols/site.md.
// Borrows: Runtime, the source, both longer than every serve().   Thread: loop only.
// Errors: a Failure out of serve() means that the stream must be reset (the host does so): a
// broken frame, a file that changed while it was sent, a reader that went away or was too slow.
#pragma once

#include "p2p/duplex.h"
#include "p2p/multi/protocol_id.h"
#include "peer/site/admission.h"
#include "peer/site/source.h"

namespace goop::p2p {
class Host;
class Stream;
}  // namespace goop::p2p

namespace goop::peer::site {

inline const p2p::ProtocolId version_1("/goop/site/1.0.0");
inline const p2p::ProtocolId version_2("/goop/site/2.0.0");

class SiteServer {
 public:
  SiteServer(Runtime& runtime, SiteSource& source)
      : runtime_(runtime), source_(source), admission_(runtime) {}

  // Registers both versions. The server must outlive the host's run.
  void attach(p2p::Host& host);

  // Serves a stream of either version to its end, and closes it.
  Task<> serve(p2p::Stream stream);

  // The two protocols over any pipe; return when all was said.
  Task<> serve_v1(p2p::Duplex& io, p2p::PeerId caller);
  Task<> serve_v2(p2p::Duplex& io, p2p::PeerId caller);

  struct Counters {
    std::uint64_t requests = 0, refused = 0, broken_off = 0, body_bytes = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Answer {
    std::optional<Admission::Slot> slot;  // held until all is sent
    wire::SiteAnswer head = std::unexpected(wire::SiteRefusal::busy);
    std::unique_ptr<SiteBody> body;
  };
  Task<Answer> answer(p2p::PeerId caller, Result<SiteRequest> request);
  Task<> send(p2p::Duplex& io, Bytes head, Answer answer);
  Task<> send_body(p2p::Duplex& io, SiteBody& body);
  Deadline patience() const;

  Runtime& runtime_;
  SiteSource& source_;
  Admission admission_;
  Counters counters_;
};

}  // namespace goop::peer::site
