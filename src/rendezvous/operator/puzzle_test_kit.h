// Who solves a puzzle: tests, as web/rendezvous/src/puzzle.ts does in a browser.
#pragma once

#include "rendezvous/operator/puzzle.h"

namespace goop::rendezvous {

inline std::string solve(std::string_view challenge, unsigned bits) {
  for (std::uint64_t counter = 0;; ++counter) {
    auto proof = fmt::format("{}.{}", challenge, counter);
    if (has_zero_bits(proof, bits)) return proof;
  }
}

}  // namespace goop::rendezvous
