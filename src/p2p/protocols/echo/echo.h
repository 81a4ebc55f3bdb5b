// echo: bytes go back as they come, while they come. For tests, measurements and interop; an
// ordinary peer does not serve it.
//
// Limits: limits::echo_idle
#pragma once

#include "p2p/protocols/echo/limits.h"
#include "p2p/stream.h"

namespace goop::p2p {

namespace protocol {
inline const ProtocolId echo("/echo/1.0.0");
}

// Handler of inbound streams; at the end of the input the output is closed.
Task<> serve_echo(Stream stream, Runtime& runtime);

// Sends `bytes`, ends our direction, and returns what came back until the other side ended its own.
// Reads only after writing: for no more than both windows hold. too_large: more came than went.
Task<Bytes> echo_once(Stream& stream, BytesView bytes, Deadline by);

}  // namespace goop::p2p
