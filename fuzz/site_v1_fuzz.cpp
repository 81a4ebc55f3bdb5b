// deps: wire
//
// Lines of /goop/site/1.0.0 and the paths in them, also as URLs; what was read means the same
// after it was written and read again.
#include "base/bytes.h"
#include "wire/site_v1.h"

using namespace goop;
using namespace goop::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = as_text({data, size});

  if (const auto path = SitePath::from_url(input)) {
    GOOP_ASSERT(SitePath::from_url(path->to_url()) == *path);
  }
  if (const auto path = SitePath::parse(input)) {
    GOOP_ASSERT(SitePath::from_url(path->to_url()) == *path);
    GOOP_ASSERT(!("/" + path->text() + "/").contains("/../"));
  }
  if (const auto path = site_v1::decode_request(input)) {
    if (const auto line = site_v1::encode_request(*path)) {
      const auto again = site_v1::decode_request(*line);
      const auto expected = path->directory() ? path->join("index.html") : *path;
      GOOP_ASSERT(again == expected || !expected);  // joined, it may be too long
    }
  }
  if (const auto answer = site_v1::decode_answer(input)) {
    GOOP_ASSERT(site_v1::decode_answer(site_v1::encode_answer(*answer)).value() == *answer);
  }
  return 0;
}
