// Who is here: the one message that peers, rendezvous servers and gossip tell each other.
//
//   {"type":"update","peerID":"12D3KooW…","content":"Nora","addrs":["/ip4/192.0.2.7/tcp/41234"],
//    "goopClientVersion":"3.0.1","ts":1761000000123,"sig":"CiQIARIg…"}
//
// The fields outside are for readers that know no signatures. `sig` is a libp2p signed envelope
// whose payload is a message of the same kind, as the exact bytes that were signed: where it is
// there, what counts is the payload, and nobody on the way can change or forge it. What a server
// adds (`verified`, and towards it `verificationToken`) stays outside, and so does `target`.
//
// Parsing is cheap and does not check the signature: whether a message deserves that work (known
// peer, newer `ts`, budget left) is decided first. Until check_signature said yes, a message with
// an envelope is worth less than one without.
//
// Spec:   docs/dev/protocols/presence.md.   Limits: presence_limits.h
// Errors: invalid, too_large: the text names the field, for the one who sent it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "p2p/multi/envelope.h"
#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"
#include "wire/presence_limits.h"

namespace goop::wire {

enum class PresenceType { online, update, offline, punch };
std::string_view name(PresenceType type);

struct Presence {
  PresenceType type = PresenceType::update;
  p2p::PeerId peer = {};  // who is spoken of; in a punch: whom to reach
  std::string label = {}, email = {}, avatar_hash = {}, active_template = {}, client_version = {};
  bool video_disabled = false, encryption_supported = false;
  bool listed = false;                           // a server may show the peer on its public page
  std::string public_key = {};                   // base64 of an X25519 key; empty: none told
  std::vector<p2p::Multiaddr> addresses = {};    // without /p2p of the peer itself
  std::int64_t ts = 0;                           // ms since 1970; of a signed message never 0
  std::optional<std::chrono::seconds> ttl = {};  // how long it holds without another message

  bool operator==(const Presence&) const = default;
};

// One message as it came in, or is to go out.
struct PresenceMessage {
  Presence presence = {};  // of the signed payload where there is one, else of the outer fields
  Bytes envelope = {};     // the decoded `sig`; empty: unsigned
  std::optional<p2p::PeerId> target = {};  // of a punch: whom it is for
  // Towards a server only, outside the signature: it never goes further.
  std::string verification_token = {};
  std::string registration_email = {};  // told to this server alone, beside the token
  bool verified = false;                // the word of a server

  bool is_signed() const { return !envelope.empty(); }
  bool operator==(const PresenceMessage&) const = default;
};

// Keys in any case; unknown ones pass, and so does null in place of what may be missing. Addresses
// of protocols that we do not know are left out.
Result<PresenceMessage> parse_presence(std::string_view json);

// Whether the envelope is the peer's own: one signature check (an Ed25519 one takes some 50 µs).
// unverified: forged, signed by another, or not signed at all. Thread: any.
Result<void> check_signature(const PresenceMessage& message);

// The text of a message. Empty fields are left out; `sig` comes last and is passed on as it came.
std::string write_presence(const PresenceMessage& message);

bool is_public_key(std::string_view text);  // base64 of an X25519 key's size

// `presence` is about the holder of `key`, is no punch, and has a `ts`.
PresenceMessage sign_presence(const p2p::KeyPair& key, Presence presence);

// What `sign_presence` signs under.
inline constexpr std::string_view presence_domain = "goop-presence";
inline constexpr std::string_view presence_payload_type = "/goop/presence/1";

}  // namespace goop::wire
