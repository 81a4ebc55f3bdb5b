// What the server did in the last half hour, in samples: behind the charts of the operator's page.
//
// A sample tells how many there are (peers, streams, sockets) and what happened since the one
// before it. Samples are numbered, so that a page that has some asks for the newer ones.
//
// Pure.   Limits: limits::samples
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"

namespace goop::rendezvous {

// Totals since the start, and how many there are now.
struct Figures {
  std::uint64_t published = 0, refused = 0, deliveries = 0;
  std::uint64_t peers = 0, streams = 0, sockets = 0;
};

struct Sample {
  std::uint64_t number;
  std::uint64_t peers, streams, sockets;
  double published, refused, deliveries;  // a second
};

class History {
 public:
  void record(const Figures& figures, Instant now);

  // Those with a number above `after`, the oldest first.
  std::deque<Sample> since(std::uint64_t after) const;
  std::size_t size() const { return samples_.size(); }

 private:
  struct Last {
    Figures figures;
    Instant at;
  };
  std::optional<Last> last_;
  std::deque<Sample> samples_;
  std::uint64_t number_ = 0;
};

}  // namespace goop::rendezvous
