// deps: p2p_multi
//
// The walk before every protobuf parse: it ends, and its fields lie one after another inside the
// message.
#include "base/bytes.h"
#include "p2p/multi/protobuf_guard.h"

using namespace goop;

namespace {

extern const p2p::MessageLimits table;
const p2p::FieldLimit fields[] = {
    {.number = 1, .max_count = 3},
    {.number = 2, .max_count = 3, .max_bytes = 20},
    {.number = 3, .max_count = 9, .max_bytes = 500, .nested = &table}};
const p2p::MessageLimits table{fields, 4};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const auto* end = data;
  bool well_formed = true;
  for (p2p::ProtobufReader reader(input);;) {
    const auto field = reader.next();
    well_formed = field.has_value();
    if (!field || !*field) break;
    if (const BytesView bytes = (*field)->bytes; !bytes.empty()) {
      GOOP_ASSERT(bytes.data() > end && bytes.data() + bytes.size() <= data + size);
      end = bytes.data() + bytes.size();
    }
  }
  GOOP_ASSERT(well_formed || !p2p::check_protobuf(input, table, 4096));
  return 0;
}
