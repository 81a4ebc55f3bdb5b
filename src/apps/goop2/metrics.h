// What a peer has counted, in the text format of Prometheus (0.0.4).
#pragma once

#include <string>

#include "peer/peer.h"

namespace goop::apps {

std::string metrics_text(peer::Peer& peer);

}  // namespace goop::apps
