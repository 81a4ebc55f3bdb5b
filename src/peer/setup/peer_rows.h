// The rows behind peer_cache.h: their SQL, and nothing else.
//
// Thread: pool.   Errors: Failure as in store/sqlite.h. What of a row cannot be read (an id that
// is none, an address of a protocol we do not know) is left out; the row itself stays.
#pragma once

#include <vector>

#include "peer/setup/peer_cache.h"
#include "store/sqlite.h"

namespace goop::peer::setup {

std::vector<RememberedPeer> read_peer_rows(store::Connection& connection);

struct PeerRows {
  std::vector<RememberedPeer> changed;
  std::vector<p2p::PeerId> gone;
};
void write_peer_rows(store::Connection& connection, const PeerRows& rows);  // in one transaction

}  // namespace goop::peer::setup
