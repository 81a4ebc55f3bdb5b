// Caps of p2p_io, the layer that negotiation speaks over.
#pragma once

#include <cstddef>

namespace goop::p2p::limits {

// One read of the raw transport before security is up. Negotiation messages are far smaller; what a
// peer sends ahead of time waits in the kernel. Ours.
inline constexpr std::size_t raw_read_bytes = 2048;

}  // namespace goop::p2p::limits
