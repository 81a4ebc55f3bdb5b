// What servers of one board say to each other: the bytes of one NATS message.
//
//   pulse   "I have sent so many news; my share is so many peers, and this is its sum"
//   news    who is with me, who is no longer; numbered without gaps
//   ask     "say your whole share again"
//   meet    "who of yours shall this peer dial?", and the answer
//   bye     "I stop"
//
// A share is said again as news between the marks `begin` and `end`, in the same numbering, so that
// whoever has it already just goes on. An entry's head repeats id and `ts` of its message, so that
// what is known costs no parsing.
//
// Spec:   docs/dev/protocols/backplane.md.   Pure.   Limits: limits.h, "what comes"
// Errors: invalid, too_large, unsupported (another version).
#pragma once

#include <variant>

#include "net/endpoint.h"
#include "p2p/multi/peer_id.h"

namespace goop::rendezvous::backplane {

using ServerId = std::uint64_t;  // drawn at its start; not a secret, and no proof

struct Entry {
  enum class Kind : std::uint8_t { here = 1, left = 2 };
  Kind kind = Kind::here;
  p2p::PeerId peer = {};
  std::int64_t ts = 0;          // of the message; 0: there is none
  net::IpAddress address = {};  // of the client
  std::string text = {};        // the newest message, as its peer signed it; may be empty of `left`

  bool operator==(const Entry&) const = default;
};

struct Pulse {
  std::uint64_t number = 0;          // of the last news
  std::uint64_t peers = 0, sum = 0;  // of the share after them; see share_sum
  bool hail = false;                 // "pulse, all of you, now"
  bool operator==(const Pulse&) const = default;
};

struct News {
  std::uint64_t number = 0;
  bool begin = false, end = false;  // of a share that is said again
  std::vector<Entry> entries = {};
  bool operator==(const News&) const = default;
};

struct Ask {
  ServerId to = 0;
  bool operator==(const Ask&) const = default;
};

// Of nobody: others shall introduce some of theirs to the peer. Else: whom it has been introduced
// to.
struct Meet {
  p2p::PeerId peer = {};
  std::vector<p2p::PeerId> others = {};
  bool operator==(const Meet&) const = default;
};

struct Bye {
  bool operator==(const Bye&) const = default;
};

struct Frame {
  ServerId from = 0;
  std::variant<Pulse, News, Ask, Meet, Bye> what = Bye{};
  bool operator==(const Frame&) const = default;
};

Bytes encode(const Frame& frame);
Result<Frame> decode(BytesView bytes);

std::size_t encoded_size(const Entry& entry);  // about, never less

// What one peer adds to the sum of a share. It finds what was lost, not who lies.
std::uint64_t share_sum(const p2p::PeerId& peer);

}  // namespace goop::rendezvous::backplane
