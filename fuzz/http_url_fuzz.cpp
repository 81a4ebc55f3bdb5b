// deps: net_http
// What is taken as an address is written as one that means the same, and fits a request line.
#include <algorithm>

#include "base/bytes.h"
#include "net/http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace goop;
  using namespace goop::net::http;
  const auto url = HttpUrl::parse(as_text(BytesView(data, size)));
  if (!url) return 0;
  const auto again = HttpUrl::parse(url->text());
  GOOP_ASSERT(again && *again == *url);
  GOOP_ASSERT(url->target().starts_with('/') && !url->host().empty() && url->port() != 0);
  for (const auto& text : {url->target(), url->authority()}) {
    GOOP_ASSERT(std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }));
  }
  const auto below = url->below("/ws?x=1");
  GOOP_ASSERT(below.target().ends_with("/ws?x=1"));
  return 0;
}
