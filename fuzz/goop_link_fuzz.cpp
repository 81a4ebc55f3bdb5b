// deps: wire
//
// Links and addresses as typed: what is accepted has one link that reads back to the same.
#include "base/bytes.h"
#include "wire/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address = goop::wire::parse_address(goop::as_text({data, size}));
  if (!address) return 0;
  GOOP_ASSERT(goop::wire::parse_link(goop::wire::format_link(*address)) == *address);
  return 0;
}
