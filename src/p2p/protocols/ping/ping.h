// ping: 32 random bytes go out and come back, as often as the opener likes.
//
// Every peer must serve it from the start: js-libp2p opens a ping stream on each connection every
// 10 s, closes its side right after the bytes, and drops the connection when no echo comes. So an
// end after complete pings is the normal end, also when it comes together with the last ping.
//
// Spec:   libp2p/specs ping.   Limits: limits::ping_*
#pragma once

#include "p2p/protocols/ping/limits.h"
#include "p2p/stream.h"

namespace goop::p2p {

// One round on an open stream, which may be used again. violation: other bytes came back.
Task<Duration> ping_once(Duplex& over, Runtime& runtime, Deadline by);

// Echoes until the other side ends. Throws timeout when no ping comes for limits::ping_idle, and
// closed when the end comes inside a ping.
Task<> echo_pings(Duplex& over, Runtime& runtime);

// Handler of inbound streams.
Task<> serve_ping(Stream stream, Runtime& runtime);

}  // namespace goop::p2p
