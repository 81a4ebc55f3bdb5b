// A measurement with libp2p's perf protocol: so many bytes down, then so many up, over several
// streams of one connection at once.
//
// The directions are measured one after the other, so that neither disturbs the other. A direction
// is done when the other side has said so: for an upload, when it has read everything.
//
// Thread: loop only.   Errors: those of Host::open, too_large, violation, closed.
#pragma once

#include <functional>

#include "p2p/host.h"
#include "viewer/viewer.h"

namespace goop::apps {

using viewer::PerfPlan;  // bytes in all, divided among the streams
using viewer::PerfTimes;
using viewer::PerfWay;

// Told after every block how many bytes of a direction are through; may be empty.
using PerfWatch = std::function<void(PerfWay way, std::uint64_t bytes)>;

// The peer must be connected; `connect` of the result is left empty.
Task<PerfTimes> measure_perf(p2p::Host& host, Runtime& runtime, p2p::PeerId peer, PerfPlan plan,
                             PerfWatch watch);

}  // namespace goop::apps
