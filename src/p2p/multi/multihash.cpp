#include "p2p/multi/multihash.h"

#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

constexpr std::size_t sha2_256_bytes = 32;

}  // namespace

Result<Multihash> read_multihash(BytesView bytes) {
  GOOP_TRY(const Uvarint code, read_uvarint(bytes));
  bytes = bytes.subspan(code.size);
  GOOP_TRY(const Uvarint length, read_uvarint(bytes));
  bytes = bytes.subspan(length.size);
  if (bytes.size() != length.value) {
    return fail(Errc::invalid, "multihash of {} bytes says it has {}", bytes.size(), length.value);
  }
  if (code.value == hash_code::sha2_256 && bytes.size() != sha2_256_bytes) {
    return fail(Errc::invalid, "sha2-256 digest of {} bytes", bytes.size());
  }
  return Multihash{code.value, bytes};
}

void append_multihash(Bytes& to, std::uint64_t code, BytesView digest) {
  append_uvarint(to, code);
  append_prefixed(to, digest);
}

}  // namespace goop::p2p
