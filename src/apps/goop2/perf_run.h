// A measurement with libp2p's perf protocol: so many bytes down, then so many up, over several
// streams of one connection at once.
//
// The directions are measured one after the other, so that neither disturbs the other. A direction
// is done when the other side has said so: for an upload, when it has read everything.
//
// Thread: loop only.   Errors: those of Host::open, too_large, violation, closed.
#pragma once

#include "base/json.h"
#include "p2p/host.h"

namespace goop::apps {

struct PerfPlan {
  std::uint64_t download = 0, upload = 0;  // bytes in all, divided among the streams
  unsigned streams = 1;
};

struct PerfDirection {
  std::uint64_t bytes = 0;
  Duration time{};
};

struct PerfOutcome {
  PerfDirection download, upload;
};

// The peer must be connected.
Task<PerfOutcome> measure_perf(p2p::Host& host, Runtime& runtime, p2p::PeerId peer, PerfPlan plan);

// {"bytes": …, "seconds": …, "bytesPerSecond": …}
json::Object to_json(const PerfDirection& direction);

}  // namespace goop::apps
