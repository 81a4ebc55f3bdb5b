// Between the table and the cache of peers that outlives a run.
//
// What is only hearsay is not remembered: a flood of invented peers must not push out real ones.
// And a row shown as hearsay takes nothing away from what a signature once said.
//
// Pure, but for the cache it is given.   Thread: loop only.
#pragma once

#include "peer/presence/peer_table.h"
#include "peer/setup/peer_cache.h"

namespace goop::peer::presence {

void remember(setup::PeerCache& cache, const KnownPeer& peer, std::int64_t signed_ts);

// The rows to begin with: favourites, and who was here within the grace.
PeerEvents seed_table(PeerTable& table, const setup::PeerCache& cache, Duration grace, Now now);

}  // namespace goop::peer::presence
