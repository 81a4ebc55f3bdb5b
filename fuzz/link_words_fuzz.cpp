// deps: peer_links
// What a rendezvous server says, as a frame and as an event: read or refused, never more than that.
#include "peer/links/limits.h"
#include "peer/links/roster.h"
#include "peer/links/stream_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace goop;
  using namespace goop::peer::links;
  const auto text = as_text(BytesView(data, size));
  Roster roster;
  roster.snapshot_begins();
  const auto check = [&roster](const Result<Told>& told) {
    if (!told) return;
    GOOP_ASSERT((told->kind == Told::Kind::presence) == told->message.has_value());
    GOOP_ASSERT(told->id.size() <= limits::event_id_bytes);
    GOOP_ASSERT(told->reason.size() <= limits::error_bytes + 3);
    if (told->message) roster.take(told->message->presence);
  };
  check(read_frame(text));
  const auto line = text.find('\n');
  net::http::ServerEvent event;
  event.type = std::string(text.substr(0, line));
  if (line != text.npos) event.data = std::string(text.substr(line + 1));
  check(read_event(event));
  GOOP_ASSERT(roster.snapshot_ends().empty());
  return 0;
}
