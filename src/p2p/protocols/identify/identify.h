// identify: who a peer is, what it speaks, where it can be reached, and how it sees us.
//
// The codec is pure. Sending is one message of at most 4 KiB, because rust-libp2p takes no more and
// no second one. Receiving merges up to ten messages until the stream ends, as go-libp2p sends
// them. When and with whom is the host's business; so is closing the stream after writing, without
// which go-libp2p waits for its timeout.
//
// What a stranger says is bounded, and believed only where it is proven:
// * The key must be the one of the handshake. It is compared as bytes and never parsed
//   (GHSA-rvfr-cqwq-rc4j); another one makes the whole message worthless.
// * Addresses of a record that the peer itself signed win over the unsigned list; a record of
//   somebody else counts for nothing (CVE-2023-40583).
// * A peer on the internet cannot make us dial into our own network: addresses are kept only if
//   they reach at least as far as the connection they came over.
//
// Spec:   libp2p/specs identify.   Limits: limits::identify_*
// Errors: unverified (key), invalid, too_large.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "p2p/duplex.h"
#include "p2p/host.h"
#include "p2p/multi/keys.h"
#include "p2p/multi/multiaddr.h"
#include "p2p/multi/protocol_id.h"
#include "p2p/protocols/identify/limits.h"

namespace goop::p2p {

// What we say of ourselves.
struct Introduction {
  PublicKey key;
  std::vector<Multiaddr> addresses;  // as addresses_to_tell gave them
  std::vector<ProtocolId> protocols;
  std::string agent, protocol_version;
  Bytes signed_record;  // a sealed peer record of the same addresses; may be empty
};

// The addresses worth telling, the most useful first and no more than fit into message and record.
std::vector<Multiaddr> addresses_to_tell(std::span<const Multiaddr> own);

// Of those, the ones for the signed record. It goes to everybody, so it leaves out what is of use
// on this machine only, unless there is nothing else: who asks then is on this machine.
std::vector<Multiaddr> addresses_to_sign(std::span<const Multiaddr> told);

// `remote`: the asker's address on this connection. It is told how we see it, and hears of loopback
// addresses only if it is on this machine.
Bytes encode_identify(const Introduction& self, const Multiaddr& remote);

// What a peer said of itself.
struct Identified {
  PeerFacts facts;
  std::optional<std::uint64_t> record_seq;  // of its signed record, if that holds
};

class IdentifyReader {
 public:
  // `key` is the one that the handshake proved.
  explicit IdentifyReader(PublicKey key) : key_(std::move(key)) {}

  // Merges one message: single values replace, lists grow. After an error nothing more is read.
  Result<void> on_message(BytesView message);

  // `remote`: the peer's address on this connection.
  Identified finish(const Multiaddr& remote) const;

 private:
  PublicKey key_;
  std::size_t messages_ = 0;
  std::string agent_, protocol_version_;
  std::vector<ProtocolId> protocols_;
  std::vector<Multiaddr> addresses_;
  std::optional<Multiaddr> observed_;
  Bytes signed_record_;
};

// Until the other side ends; throws what the reader answers, and as Duplex::fill does.
Task<Identified> read_identify(Duplex& from, PublicKey key, Multiaddr remote, Deadline by);

// Close the stream afterwards.
Task<> write_identify(Duplex& to, const Introduction& self, const Multiaddr& remote, Deadline by);

}  // namespace goop::p2p
