#include "p2p/multi/base58.h"

#include "p2p/multi/radix.h"

namespace goop::p2p {

std::string base58_encode(BytesView bytes) { return radix_encode(Radix::base58, bytes); }
Result<Bytes> base58_decode(std::string_view text) { return radix_decode(Radix::base58, text); }

}  // namespace goop::p2p
