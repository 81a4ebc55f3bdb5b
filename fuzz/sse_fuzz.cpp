// deps: net_http
// An event stream, whole and in pieces: the same events, or the same refusal. Events that were read
// and written again are read as the same.
#include <algorithm>

#include "net/http/sse.h"

namespace {

using namespace goop;
using namespace goop::net::http;

struct Outcome {
  std::vector<ServerEvent> events;
  std::optional<Error> error;
  bool operator==(const Outcome&) const = default;
};

Outcome read(BytesView bytes, std::size_t step) {
  EventParser parser;
  Outcome out;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(step, bytes.size()));
    bytes = bytes.subspan(piece.size());
    auto fed = parser.feed(piece);
    if (!fed) {
      out.error = fed.error();
      return out;
    }
    std::ranges::move(*fed, std::back_inserter(out.events));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 16 + 1;
  const BytesView bytes(data + 1, size - 1);
  const auto whole = read(bytes, bytes.size() + 1), pieces = read(bytes, step);
  // A refusal gives no events of its own piece.
  GOOP_ASSERT(whole.error == pieces.error);
  if (whole.error) return 0;
  GOOP_ASSERT(whole.events == pieces.events);

  std::string again;
  for (const auto& event : whole.events) append_event(again, event.id, event.type, event.data);
  const auto twice = read(as_bytes(again), step);
  GOOP_ASSERT(!twice.error && twice.events.size() == whole.events.size());
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    GOOP_ASSERT(twice.events[i].type == whole.events[i].type);
    GOOP_ASSERT(twice.events[i].data == whole.events[i].data);
  }
  return 0;
}
