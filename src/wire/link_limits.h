// Caps of links and of what a person gives as an address.
#pragma once

#include <cstddef>

namespace goop::wire::limits {

inline constexpr std::size_t link_bytes = 16 << 10;  // ours; fits what a QR code or a mail carries
inline constexpr std::size_t link_addresses = 16;    // ours; more than a peer announces

}  // namespace goop::wire::limits
