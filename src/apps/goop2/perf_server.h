// A bare libp2p host with perf, echo and ping, for measurements; an ordinary peer offers no perf.
#pragma once

#include "net/network.h"
#include "p2p/multi/multiaddr.h"

namespace goop::apps {

// Prints "ADDR <multiaddr>" for each address, then serves until SIGINT or SIGTERM.
Task<> serve_perf_host(Runtime& runtime, net::Network& network, p2p::Multiaddr listen);

}  // namespace goop::apps
