// Caps of crypto/.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goop::crypto::limits {

// RSA moduli (CVE-2023-39533: a 16384-bit key costs its verifier seconds). Same as go-libp2p.
inline constexpr std::size_t rsa_min_bits = 2048;
inline constexpr std::size_t rsa_max_bits = 8192;
inline constexpr std::uint64_t rsa_max_exponent = 0x7fffffff;  // as Go's crypto/rsa

inline constexpr std::size_t der_max_bytes = 2048;  // an 8192-bit RSA key needs about 1.1 KiB

}  // namespace goop::crypto::limits
