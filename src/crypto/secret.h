// Bytes that must not outlive their use: wiped on destruction, printed as "***".
//
// Copies are allowed and wiped each on their own. Comparison takes the same time for every content.
#pragma once

#include <array>

#include "base/bytes.h"

namespace goop::crypto {

// Overwrites `bytes` in a way that the compiler does not remove.
void wipe(MutBytes bytes);

template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(const std::array<std::uint8_t, N>& bytes) : bytes_(bytes) {}
  explicit Secret(std::span<const std::uint8_t, N> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(bytes_); }

  static constexpr std::size_t size() { return N; }
  std::span<const std::uint8_t, N> view() const { return bytes_; }
  std::span<std::uint8_t, N> mut() { return bytes_; }

  bool operator==(const Secret& other) const { return equal_constant_time(bytes_, other.bytes_); }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace goop::crypto

template <std::size_t N>
struct fmt::formatter<goop::crypto::Secret<N>> : fmt::formatter<std::string_view> {
  auto format(const goop::crypto::Secret<N>&, format_context& context) const {
    return formatter<std::string_view>::format("***", context);
  }
};
