// deps: p2p_multi
//
// Varints and length-prefixed messages: whole and in every piece size they give the same.
#include "base/bytes.h"
#include "p2p/multi/varint.h"

using namespace goop;

namespace {

constexpr std::size_t max_bytes = 1000;

// The messages of `wire` read in pieces of `piece` bytes; false in front of a refused one.
std::vector<std::pair<bool, Bytes>> read_all(BytesView wire, std::size_t piece) {
  std::vector<std::pair<bool, Bytes>> messages;
  p2p::LengthPrefixed reader(max_bytes);
  while (!wire.empty()) {
    const auto used = reader.on_bytes(wire.first(std::min(piece, wire.size())));
    if (!used) {
      messages.emplace_back(false, Bytes());
      return messages;
    }
    wire = wire.subspan(*used);
    if (reader.complete()) messages.emplace_back(true, reader.take());
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, std::min<std::size_t>(size, 4096));
  if (const auto value = p2p::read_uvarint(input)) {
    Bytes again;
    p2p::append_uvarint(again, value->value);
    GOOP_ASSERT(equal(again, input.first(value->size)));
    GOOP_ASSERT(p2p::uvarint_size(value->value) == value->size);
  }
  const auto whole = read_all(input, std::max<std::size_t>(input.size(), 1));
  for (const std::size_t piece : {1, 2, 3, 7, 64}) GOOP_ASSERT(read_all(input, piece) == whole);
  return 0;
}
