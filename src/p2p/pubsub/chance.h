// The random choices of a pure class, from one seed that the Runtime gave, so that tests repeat
// themselves. For which neighbour gets what; not for secrets.
#pragma once

#include <cstdint>
#include <limits>

namespace goop::p2p::pubsub {

class Chance {
 public:
  using result_type = std::uint64_t;

  explicit Chance(std::uint64_t seed) : state_(seed) {}

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

  std::uint64_t operator()() {  // splitmix64
    std::uint64_t value = state_ += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace goop::p2p::pubsub
