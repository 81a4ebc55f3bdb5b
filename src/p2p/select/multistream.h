// multistream-select 1.0: two sides agree on the protocol of a connection or stream.
//
// Pure machines: bytes in, bytes out, and how much was taken. What follows the negotiation in the
// same read (application data may be pipelined right behind the name) is never touched. The
// coroutines in select.h move the bytes.
//
//   initiator > /multistream/1.0.0   /a          responder < /multistream/1.0.0   na
//             > /b                                         < /b
//
// The initiator speaks first, header and first proposal at once. The responder's header goes out
// with its first answer, in one write; js-libp2p waits for the initiator as well.
//
// `ls` is answered `na`: nobody needs the list, identify carries it.
//
// Spec:   libp2p/specs connections, multiformats/multistream-select.
// Limits: limits::select_token_bytes, limits::select_proposals
// Errors: violation (framing, a foreign answer, too many proposals), unsupported (all refused).
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "p2p/multi/protocol_id.h"
#include "p2p/multi/varint.h"
#include "p2p/select/limits.h"

namespace goop::p2p {

// Takes tokens out of arriving bytes: uvarint(size), text, '\n'.
class TokenReader {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::optional<std::string> token;  // without the newline
  };

  // Consumes at most one token.
  Result<Step> on_bytes(BytesView bytes);
  bool in_token() const { return framed_.started(); }

 private:
  LengthPrefixed framed_{limits::select_token_bytes};
};

void append_token(Bytes& to, std::string_view text);

class Initiator {
 public:
  // At least one proposal, in the order of preference.
  explicit Initiator(std::vector<ProtocolId> proposals);

  // Consumes what belongs to the negotiation and says how much; nothing once something is agreed.
  // After an error the machine is of no more use.
  Result<std::size_t> on_bytes(BytesView bytes);

  // What is to be sent now; at the start header and first proposal.
  Bytes take_output() { return std::exchange(output_, {}); }

  bool done() const { return done_; }
  const ProtocolId& proposed() const { return proposals_[next_]; }  // when done: the agreed one

 private:
  Result<void> on_token(std::string_view token);

  TokenReader tokens_;
  std::vector<ProtocolId> proposals_;
  std::size_t next_ = 0;
  Bytes output_;
  bool header_seen_ = false, done_ = false;
};

class Responder {
 public:
  // Whether we speak a protocol. Asked once per proposal.
  using Supported = std::function<bool(const ProtocolId&)>;

  explicit Responder(Supported supported) : supported_(std::move(supported)) {}

  Result<std::size_t> on_bytes(BytesView bytes);  // as Initiator::on_bytes
  Bytes take_output() { return std::exchange(output_, {}); }

  const std::optional<ProtocolId>& agreed() const { return agreed_; }
  std::size_t refused() const { return refused_; }

 private:
  Result<void> on_token(std::string_view token);

  TokenReader tokens_;
  Supported supported_;
  std::optional<ProtocolId> agreed_;
  std::size_t refused_ = 0;
  Bytes output_;
  bool header_seen_ = false;
};

// --- lazy: the initiator knows from identify that the other side speaks the protocol, and sends
// header, name and its first application bytes at once ---

Bytes lazy_preamble(const ProtocolId& protocol);

// The answer to a lazy preamble, to be taken off the input before the first application bytes.
// unsupported: the answer is `na`, so what was known of the peer's protocols is out of date.
class LazyAnswer {
 public:
  explicit LazyAnswer(const ProtocolId& protocol);

  Result<std::size_t> on_bytes(BytesView bytes) { return machine_.on_bytes(bytes); }
  bool done() const { return machine_.done(); }

 private:
  Initiator machine_;
};

}  // namespace goop::p2p
