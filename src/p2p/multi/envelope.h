// Signed envelopes: a payload, the key that vouches for it, and a signature bound to one purpose.
// And the record that libp2p puts in them: a peer's own addresses with a number that only grows.
//
// A signature is checked over the bytes that came in. The order is cheap things first: sizes,
// payload type, key, signature, and then whether the payload speaks of the signer at all
// (RUSTSEC-2022-0009).
//
// Spec:   libp2p RFC 0002 (signed envelopes) and RFC 0003 (peer records).
// Limits: limits::envelope_bytes, limits::record_addresses
// Errors: invalid, too_large, unsupported (key type, other payload type), unverified.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"

namespace goop::p2p {

// What an envelope is for. The domain is part of what is signed, but not of what is sent.
struct EnvelopePurpose {
  std::string_view domain;
  BytesView payload_type;
};

namespace purpose {
inline constexpr std::uint8_t peer_record_type[] = {0x03, 0x01};
inline constexpr std::uint8_t relay_voucher_type[] = {0x03, 0x02};
inline constexpr EnvelopePurpose peer_record{"libp2p-peer-record", peer_record_type};
inline constexpr EnvelopePurpose relay_voucher{"libp2p-relay-rsvp", relay_voucher_type};
}  // namespace purpose

struct Envelope {
  PublicKey key;  // who signed
  Bytes payload;

  PeerId signer() const { return PeerId::from_key(key); }
};

Bytes seal_envelope(const KeyPair& key, const EnvelopePurpose& purpose, BytesView payload);

Result<Envelope> open_envelope(BytesView bytes, const EnvelopePurpose& purpose,
                               std::size_t max_bytes = limits::envelope_bytes);

// The same when the signer is known already, from a handshake: its key is compared as bytes and
// nothing a stranger sent is parsed as a key (GHSA-rvfr-cqwq-rc4j). unverified: another key.
// The payload is a view into `bytes`.
Result<BytesView> open_envelope_of(const PublicKey& signer, BytesView bytes,
                                   const EnvelopePurpose& purpose,
                                   std::size_t max_bytes = limits::envelope_bytes);

// What the envelope claims to hold, a view into `bytes`; its signature is not looked at. Only to
// decide whether it is worth checking.
Result<BytesView> unchecked_payload(BytesView bytes, const EnvelopePurpose& purpose,
                                    std::size_t max_bytes = limits::envelope_bytes);

struct PeerRecord {
  PeerId peer;
  std::uint64_t seq = 0;             // strictly newer replaces older
  std::vector<Multiaddr> addresses;  // without /p2p of the peer itself
};

Bytes encode_peer_record(const PeerRecord& record);
// Addresses that we cannot parse are left out; the rest of the list counts.
Result<PeerRecord> decode_peer_record(BytesView payload);

Bytes seal_peer_record(const KeyPair& key, std::uint64_t seq, std::span<const Multiaddr> addresses);

// A record about its signer, whoever that is.
Result<PeerRecord> open_peer_record(BytesView envelope);
// A record that came from `sender` and must be about it (CVE-2023-40583).
Result<PeerRecord> open_peer_record_of(const PublicKey& sender, BytesView envelope);

}  // namespace goop::p2p
