// People with keys, and a board in time that the test moves.
#pragma once

#include "crypto/hash.h"
#include "rendezvous/board.h"

namespace goop::rendezvous {

struct Person {
  p2p::KeyPair key;
  p2p::PeerId id = p2p::PeerId::from_key(key.public_key());
  std::string label = "Nora";
  std::vector<std::string> addresses = {"/ip4/203.0.113.9/tcp/4001"};
  std::string email = {};
  wire::PresenceType type = wire::PresenceType::update;
  std::optional<std::chrono::seconds> ttl = {};
  Duration clock_off = {};
  std::int64_t last_ts = 0;
};

inline Person person(std::uint8_t seed) {
  crypto::Secret<32> secret;
  secret.mut()[0] = seed;
  return Person{p2p::KeyPair::from_seed(secret)};
}

inline wire::Presence presence_of(const Person& who) {
  wire::Presence presence;
  presence.type = who.type;
  presence.peer = who.id;
  presence.label = who.label;
  presence.email = who.email;
  presence.ttl = who.ttl;
  for (const auto& text : who.addresses) {
    presence.addresses.push_back(*p2p::Multiaddr::parse(text));
  }
  return presence;
}

inline wire::PresenceMessage signed_at(Person& who, WallTime wall) {
  auto presence = presence_of(who);
  const auto off = std::chrono::duration_cast<std::chrono::milliseconds>(who.clock_off);
  who.last_ts = std::max(to_ms(wall) + off.count(), who.last_ts + 1);
  presence.ts = who.last_ts;
  return wire::sign_presence(who.key, std::move(presence));
}

inline wire::PresenceMessage unsigned_at(const Person& who, WallTime wall) {
  wire::PresenceMessage message;
  message.presence = presence_of(who);
  message.presence.ts = to_ms(wall);
  return message;
}

// A message about an id that nobody has the key of.
inline wire::PresenceMessage invented(int number) {
  Bytes id = {0x12, 0x20};
  id.resize(34);
  std::memcpy(id.data() + 2, &number, sizeof number);
  wire::PresenceMessage message;
  message.presence.peer = *p2p::PeerId::from_bytes(id);
  return message;
}

class BoardKit {
 public:
  Board board;
  Instant now = Instant(1h);
  WallTime wall{std::chrono::milliseconds(1'760'000'000'000)};
  net::IpAddress address = net::IpAddress(asio::ip::make_address("127.0.0.1"));

  void pass(Duration span) {
    now += span;
    wall += std::chrono::duration_cast<std::chrono::milliseconds>(span);
  }

  wire::PresenceMessage signed_message(Person& who) { return signed_at(who, wall); }
  wire::PresenceMessage unsigned_message(const Person& who) { return unsigned_at(who, wall); }

  Outcome apply(wire::PresenceMessage message) {
    const auto proof = message.is_signed() ? Proof::checked : Proof::none;
    return board.apply(std::move(message), {proof, address}, 100, now, wall);
  }
  Outcome say(Person& who) { return apply(signed_message(who)); }
  Outcome say(Person&& who) { return apply(signed_message(who)); }

  static std::vector<Change::Kind> kinds(const std::vector<Change>& changes) {
    std::vector<Change::Kind> list;
    for (const auto& change : changes) list.push_back(change.kind);
    return list;
  }
  static std::vector<Change::Kind> kinds(const Outcome& outcome) { return kinds(outcome.changes); }

  static std::vector<p2p::PeerId> gone(const std::vector<Change>& changes) {
    std::vector<p2p::PeerId> list;
    for (const auto& change : changes) {
      if (change.kind == Change::Kind::gone) list.push_back(change.message->presence.peer);
    }
    return list;
  }
};

}  // namespace goop::rendezvous
