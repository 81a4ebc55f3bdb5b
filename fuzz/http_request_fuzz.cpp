// deps: net_http
// A request head and body, whole and in pieces: a request is what it is in both ways, or in none.
#include "net/http/conditional.h"
#include "net/http/parser.h"

namespace {

using namespace goop;
using namespace goop::net::http;

struct Outcome {
  std::optional<Error> error;
  bool done = false;
  std::string target, body;
  std::size_t fields = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(BytesView bytes, std::size_t step) {
  Request request;
  RequestParser parser;
  parser.start(request);
  Outcome out;
  std::size_t at = 0, end = 0;
  while (!parser.done()) {
    auto fed = parser.feed(bytes.subspan(at, end - at));
    if (!fed) {
      out.error = fed.error();
      return out;
    }
    at += fed->taken;
    out.body += as_text(fed->body);
    if (fed->taken > 0) continue;
    if (end == bytes.size()) break;
    end = std::min(end + step, bytes.size());
  }
  out.done = parser.done();
  if (parser.head_done()) {
    out.target = request.target_text;
    out.fields = request.fields.size();
    if (const auto range = request.field("Range")) (void)parse_range(*range);
    if (const auto etags = request.field("If-None-Match")) (void)none_match_hits(*etags, "x");
    if (const auto codings = request.field("Accept-Encoding"))
      (void)accepts_encoding(*codings, "br");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 16 + 1;
  const BytesView bytes(data + 1, size - 1);
  const auto whole = parse(bytes, bytes.size() + 1), pieces = parse(bytes, step);
  // An incomplete request may be known to be wrong sooner in one way; a complete one is the same.
  if (whole.done || pieces.done) GOOP_ASSERT(whole == pieces);
  return 0;
}
