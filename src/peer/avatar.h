// `/goop/avatar/1.0.0`: a peer's picture. There is none yet, and the answer says so.
//
// The opener sends nothing; the owner answers `NONE\n` and closes.
//
// Thread: loop only.
#pragma once

#include "p2p/host.h"

namespace goop::peer {

inline const p2p::ProtocolId avatar_protocol("/goop/avatar/1.0.0");

void serve_no_avatar(Runtime& runtime, p2p::Host& host);

}  // namespace goop::peer
