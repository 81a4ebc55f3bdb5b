// What work is counted in: about a nanosecond of one core; the prices are in p2p/work_prices.h.
#pragma once

#include <cstdint>

namespace goop::p2p {

using WorkUnits = std::uint64_t;

}  // namespace goop::p2p
