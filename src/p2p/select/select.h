// multistream-select over a Duplex.
//
// All of them read exactly what belongs to the negotiation. Failures: unsupported, violation, and
// those of the Duplex (closed, timeout, cancelled). They do not reset what they speak over.
#pragma once

#include <span>

#include "p2p/duplex.h"
#include "p2p/select/multistream.h"

namespace goop::p2p {

// Proposes in order, the first together with the header; returns what was agreed.
Task<ProtocolId> select(Duplex& over, std::span<const ProtocolId> proposals, Deadline by);

// Answers proposals until one is supported. unsupported: the other side ended after refusals.
Task<ProtocolId> answer(Duplex& over, Responder::Supported supported, Deadline by);

// Takes the answer to lazy_preamble off the input; run it before the first read.
Task<> check_lazy(Duplex& over, ProtocolId protocol, Deadline by);

}  // namespace goop::p2p
