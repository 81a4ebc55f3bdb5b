// Times and caps of the peer as a whole.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace goop::peer::limits {

inline constexpr Duration known_address_life = 24h;  // of addresses from the peer cache
inline constexpr Duration redial_first = 1s;  // pause after the first failed dial of a kept peer
inline constexpr Duration redial_most = 60s;
inline constexpr Duration dial_time = 15s;
inline constexpr Duration content_time = 5s;      // to say or to ask a label
inline constexpr std::size_t label_bytes = 4096;  // of a peer's line, as rendezvous servers allow
inline constexpr std::size_t shown_label_bytes = 100;
inline constexpr Duration config_poll = 2s;       // how soon an edited goop.json is noticed
inline constexpr Duration record_seq_pause = 5s;  // after a write of data/record.seq that failed
inline constexpr Duration metric_pace = 5s;       // how often measured round trips are told
inline constexpr std::size_t seq_digits = 32;     // of data/record.seq
inline constexpr std::size_t visited_peers = 10'000;
inline constexpr std::size_t link_addresses = 8;  // in a goop:// link

}  // namespace goop::peer::limits
