// Caps of peer/setup.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace goop::peer::setup::limits {

inline constexpr std::size_t config_bytes = 1 << 20;   // ours; of goop.json
inline constexpr std::size_t shown_value_bytes = 80;   // ours; of a wrong value in a message
inline constexpr std::size_t config_problems = 100;    // ours; more are not worth reading
inline constexpr std::size_t lock_bytes = 200;         // ours; what a lock file says
inline constexpr std::size_t control_bytes = 4096;     // ours; of control.json
inline constexpr std::size_t remembered_peers = 2000;  // ours; favourites come on top
inline constexpr int days_known = 3;  // ours; met on so many days, a peer is known well
inline constexpr std::size_t remembered_favorites = 2000;   // ours
inline constexpr std::size_t remembered_addresses = 32;     // ours; per peer
inline constexpr std::size_t remembered_protocols = 64;     // ours; per peer
inline constexpr std::size_t remembered_text_bytes = 1024;  // ours; of each text of a peer

inline constexpr Duration peer_write_delay = 2s;  // ours; changes of that span are one write
inline constexpr Duration last_seen_step = 5min;  // ours; when being seen alone is a change

}  // namespace goop::peer::setup::limits
