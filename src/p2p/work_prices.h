// What the other side of a connection makes us do, and what it is charged for it.
//
// A unit is about a nanosecond of one core, so a budget reads as a share of a core.
// The prices are constants, not measurements: what is slowed, and when, depends on what was sent
// alone, and a seeded run replays. bench/work_prices_bench.cpp holds each within a factor of two of
// what it costs.
//
// Not priced: what we asked for (streams that we opened), and the bytes of bodies. Bodies are paced
// by their reader, and cost the other side as much as us.
#pragma once

#include "p2p/work_units.h"

namespace goop::p2p {

namespace price {

// Connection.
inline constexpr WorkUnits small_read = 2'500;   // a packet that brings less than small_read_bytes
inline constexpr WorkUnits secure_frame = 800;   // a Noise frame: its nonce, block and tag
inline constexpr WorkUnits mux_frame = 30;       // a yamux header
inline constexpr WorkUnits mux_ping = 10;        // with its answer
inline constexpr WorkUnits stream = 6'000;       // opened, negotiated, given to its handler, ended
inline constexpr WorkUnits refused_stream = 20;  // reset for want of a place
inline constexpr WorkUnits byte = 1;             // that nobody wanted, or that must be parsed

// Protocols.
inline constexpr WorkUnits ping = 500;              // 32 bytes of /ipfs/ping, sent back
inline constexpr WorkUnits identify = 5'000;        // an answer
inline constexpr WorkUnits identify_push = 70'000;  // a message taken, its record's signature
inline constexpr WorkUnits request = 11'000;        // for a file, found and answered

// Gossip.
inline constexpr WorkUnits rpc = 500;
inline constexpr WorkUnits subscription = 600;
inline constexpr WorkUnits control_entry = 550;  // IHAVE, IWANT, GRAFT, PRUNE, IDONTWANT
inline constexpr WorkUnits message_id = 130;
inline constexpr WorkUnits message = 700;       // parsed and looked up
inline constexpr WorkUnits signature = 60'000;  // checked
inline constexpr WorkUnits delivery = 60'000;   // given to its topic: what it claims is checked

}  // namespace price
}  // namespace goop::p2p
