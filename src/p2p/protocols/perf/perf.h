// perf: how fast bytes go through one stream. The opener says how many bytes it wants back (8 bytes
// big-endian), uploads as many as it likes and half-closes; then the other side sends.
//
// Nothing is copied on the way: reading looks at what arrived and drops it, writing sends one and
// the same block. For measurements; an ordinary peer does not serve it.
//
// Spec:   libp2p/specs perf.   Limits: limits::perf_*
// Errors: too_large (a server's cap), violation (more or less came back than was asked for).
#pragma once

#include <functional>

#include "p2p/protocols/perf/limits.h"
#include "p2p/stream.h"

namespace goop::p2p {

struct PerfCounts {
  std::uint64_t sent = 0, received = 0;
};

// Called after every block; must be cheap and must not throw.
using PerfProgress = std::function<void(const PerfCounts&)>;

struct PerfRequest {
  std::uint64_t upload = 0, download = 0;
  PerfProgress progress;  // may be empty
};

struct PerfReport {
  PerfCounts counts;
  Duration upload_time{};    // until the last byte was on its way
  Duration first_byte{};     // from then until something, or the end, came back
  Duration download_time{};  // from then on
};

// Runs a whole measurement and closes the stream.
Task<PerfReport> run_perf(Stream stream, Runtime& runtime, PerfRequest request);

struct PerfServerLimits {
  std::uint64_t upload = limits::perf_most_bytes, download = limits::perf_most_bytes;
};

// Handler of inbound streams.
Task<> serve_perf(Stream stream, Runtime& runtime, PerfServerLimits most, PerfProgress progress);

}  // namespace goop::p2p
