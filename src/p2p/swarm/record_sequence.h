// The number of our own peer record: grows with every record, and never goes back.
//
// Other peers keep the record with the highest number they have seen. It is the wall clock in
// nanoseconds, as go-libp2p takes it, so that a lost number does no harm; a clock that was set back
// does none either, because the last number of the earlier run is handed in.
//
// Spec: libp2p RFC 0003.   Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/time.h"

namespace goop::p2p {

class RecordSequence {
 public:
  explicit RecordSequence(std::uint64_t last_of_earlier_run) : last_(last_of_earlier_run) {}

  std::uint64_t next(WallTime now) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch());
    const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(ns.count(), 0));
    last_ = std::max(clock, last_ == most ? most : last_ + 1);
    return last_;
  }

  std::uint64_t last() const { return last_; }  // store it

 private:
  std::uint64_t last_;
};

}  // namespace goop::p2p
