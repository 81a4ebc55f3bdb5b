// deps: wire peer_site testing_sim testing_site
//
// Heads of /goop/site/2.0.0 as text; then the input as the whole talk of one side, to our server
// and to our client, in one piece and in pieces of every small size, which must not matter.
#include "peer/site/client.h"
#include "peer/site/server.h"
#include "peer/site/site_test_kit.h"

using namespace goop;
using namespace goop::peer::site;

namespace {

constexpr std::size_t window = 1 << 24;

// What the server answers, and how it ended.
std::string serve(BytesView input, std::size_t piece) {
  sim::SimRuntime runtime;
  MemorySite site;
  site.files["a"] = to_bytes("alpha");
  site.files["b"] = pattern(2000);
  SiteServer server(runtime, site);
  auto [near, far] = sim::narrow_pipe(runtime, window);
  runtime.wait(near->write(input, Deadline::never()));
  near->close();
  far->show_at_most(piece);
  std::string outcome;
  try {
    runtime.wait(server.serve_v2(*far, test_peer(1)));
  } catch (const Failure& failure) {
    outcome = name(failure.code());
  }
  far->close();
  return to_text(runtime.wait(p2p::read_to_end(*near, window, Deadline::never()))) + outcome;
}

// The one stream that there is to an owner.
struct OneLink {
  std::unique_ptr<p2p::Duplex> io;
  SiteLink::Version version;

  Task<SiteLink> open() {
    if (!io) raise(Errc::unreachable, "asked once more");
    SiteLink link;
    link.io = std::move(io);
    link.version = version;
    link.close = [](p2p::Duplex& end) { static_cast<sim::NarrowEnd&>(end).close(); };
    co_return link;
  }
};

// What the client makes of an owner who says `input`, whatever is asked.
std::string fetch(BytesView input, std::size_t piece, SiteLink::Version version) {
  sim::SimRuntime runtime;
  auto [near, far] = sim::narrow_pipe(runtime, window);
  runtime.wait(far->write(input, Deadline::never()));
  far->close();
  near->show_at_most(piece);
  OneLink only{std::move(near), version};
  SiteClient client(runtime, [&only](p2p::PeerId, Deadline) { return only.open(); });
  SiteRequest request = request_for("a");
  request.accept.br = true;
  request.range = wire::SiteRange::between(1, 100'000);
  try {
    Result<SiteReply> reply = runtime.wait(client.get(test_peer(2), request, Deadline::never()));
    if (!reply) return std::string(name(reply.error().code));
    const std::string head = wire::site_v2::encode_answer(reply->head);
    return head + to_text(runtime.wait(drain(std::move(reply->body))));
  } catch (const Failure& failure) {
    return std::string(name(failure.code()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto request = wire::site_v2::decode_request(as_text(input))) {
    GOOP_ASSERT(wire::site_v2::decode_request(wire::site_v2::encode_request(*request)) == *request);
  }
  if (const auto answer = wire::site_v2::decode_answer(as_text(input))) {
    GOOP_ASSERT(wire::site_v2::decode_answer(wire::site_v2::encode_answer(*answer)).value() ==
                *answer);
  }

  const std::string answers = serve(input, size);
  const std::string fetched_v1 = fetch(input, size, SiteLink::Version::v1);
  const std::string fetched_v2 = fetch(input, size, SiteLink::Version::v2);
  for (const std::size_t piece : {1, 2, 7}) {
    if (piece >= size) break;
    GOOP_ASSERT(serve(input, piece) == answers);
    GOOP_ASSERT(fetch(input, piece, SiteLink::Version::v1) == fetched_v1);
    GOOP_ASSERT(fetch(input, piece, SiteLink::Version::v2) == fetched_v2);
  }
  return 0;
}
