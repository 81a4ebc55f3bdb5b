// A peer table in virtual time, and the messages that it is told.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peer/presence/peer_table.h"

namespace goop::peer::presence {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::PresenceType;
using Kind = PeerEvent::Kind;
using Verdict = PeerTable::Verdict;

inline constexpr std::string_view first_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
inline constexpr std::string_view second_key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

inline p2p::PeerId peer_number(unsigned number) {
  std::array<std::uint8_t, 34> bytes{0x12, 0x20};
  for (std::size_t i = 0; i < 4; ++i) bytes[2 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return p2p::PeerId::from_bytes(bytes).value();
}

class PeerTableTest : public testing::Test {
 protected:
  const p2p::PeerId self = peer_number(0), bob = peer_number(1), eve = peer_number(2);
  PeerTable table{self, {.ttl = 20s, .grace = 15min, .peers = 4}};
  Now now{Instant(), WallTime(1'761'000'000'000ms)};

  void pass(Duration span) {
    now.at += span;
    now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(span);
  }

  Sighting unsigned_of(const p2p::PeerId& peer, PresenceType type = PresenceType::update) {
    Sighting seen;
    seen.presence.type = type;
    seen.presence.peer = peer;
    seen.presence.label = "plain";
    seen.presence.ts = to_ms(now.wall);
    return seen;
  }

  // A new message each time: `ts` grows.
  Sighting signed_of(const p2p::PeerId& peer, PresenceType type = PresenceType::update) {
    Sighting seen = unsigned_of(peer, type);
    seen.presence.label = "signed";
    seen.presence.public_key = first_key;
    seen.presence.ts = last_ts = std::max(to_ms(now.wall), last_ts + 1);
    seen.envelope = crypto::sha256(as_bytes(std::to_string(seen.presence.ts)));
    return seen;
  }
  std::int64_t last_ts = 0;

  Verdict apply(const Sighting& seen) {
    auto applied = table.apply(seen, now);
    events = std::move(applied.events);
    return applied.verdict;
  }
  PeerEvents events;

  const KnownPeer& row(const p2p::PeerId& peer) {
    const auto* found = table.find(peer);
    EXPECT_NE(found, nullptr);
    static const KnownPeer none;
    return found == nullptr ? none : *found;
  }
  bool online(const p2p::PeerId& peer) { return table.find(peer) && table.find(peer)->online; }
};

}  // namespace goop::peer::presence
