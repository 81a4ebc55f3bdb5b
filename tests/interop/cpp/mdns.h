// `p2p_interop mdns`: listens, is on the local network, and prints whom it finds
// (tests/interop/mdns/README.md).
#pragma once

#include "base/os_runtime.h"
#include "tests/interop/cpp/node.h"

namespace goop::interop {

// Until `leave`; the last thing said on the network is the goodbye.
Task<> serve_mdns(Runtime& runtime, net::Network& network, p2p::Host& host, std::string service,
                  Signal& leave);

}  // namespace goop::interop
