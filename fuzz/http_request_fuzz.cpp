// deps: net_http
// A request head and body, whole and in pieces: a request is what it is in both ways, or in none.
// Its cookies are ours or gone, its conditions have one of three ends, its range is inside a file.
#include "net/http/limits.h"
#include "net/http/parser.h"
#include "net/http/preconditions.h"

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

// Every cookie that is left goes by our name and is of a size that ours have.
void check_cookies(std::string_view left) {
  while (!left.empty()) {
    const auto end = std::min(left.find("; "), left.size());
    GOOP_ASSERT(left.starts_with("mine=") && end <= limits::own_cookie_bytes);
    left.remove_prefix(std::min(end + 2, left.size()));
  }
}

void check_fields(const Request& request) {
  GOOP_ASSERT(request.version == Version::http10 || request.field("Host"));
  GOOP_ASSERT(request.version == Version::http11 || !request.keep_alive);
  check_cookies(request.field("Cookie").value_or(""));
  if (const auto field = request.field("Range")) {
    constexpr std::uint64_t total = 1000;
    if (const auto range = parse_range(*field)) {
      const auto span = select(*range, total);
      GOOP_ASSERT(!span || (span->size > 0 && span->first + span->size <= total));
    }
  }
  const auto verdict = evaluate(request.method, request.fields, {{"x"}, 784111777});
  const bool reads = request.method == Method::get || request.method == Method::head;
  GOOP_ASSERT(reads || verdict != Precondition::not_modified);
  if (const auto codings = request.field("Accept-Encoding")) (void)accepts_encoding(*codings, "br");
}

Outcome parse(BytesView bytes, std::size_t step) {
  Request request;
  RequestParser parser;
  static const std::vector<std::string> cookies{"mine"};
  parser.start(request, cookies);
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
    check_fields(request);
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
