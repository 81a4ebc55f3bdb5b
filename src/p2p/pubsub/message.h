// One published message: as it travels, and what is known of it.
//
// StrictSign: author, number and signature are always there. The bytes are kept as they came, so
// that what is passed on and what the signature covers is what the author wrote. Fields out of
// order, or given twice, are put in order first (the last one counts), as others do by serialising
// the message anew.
//
// Immutable and shared: the same object waits in the queues of many peers and on the pool.
//
// Spec:   libp2p pubsub, "message signing".   Thread: any.   Limits: pubsub/limits.h
// Errors: invalid (a field is missing or malformed), too_large, unverified.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"
#include "p2p/pubsub/limits.h"
#include "p2p/pubsub/topic.h"

namespace goop::p2p::pubsub {

// Names a message: its author's id, then the eight bytes of its number. What others send as ids may
// be anything; what is longer than any such name is none.
class MessageId {
 public:
  static constexpr std::size_t max_bytes = limits::peer_id_bytes + 8;

  MessageId(const PeerId& from, std::uint64_t seqno);
  static Result<MessageId> from_bytes(BytesView bytes);  // too_large

  BytesView bytes() const { return {bytes_.data(), size_}; }

  bool operator==(const MessageId&) const = default;

 private:
  MessageId() = default;

  std::array<std::uint8_t, max_bytes> bytes_{};  // unused ones stay zero
  std::uint8_t size_ = 0;
};

// Keyed, because whoever publishes chooses the numbers.
class MessageIdHash {
 public:
  explicit MessageIdHash(std::uint64_t key = 0) : key_(key) {}
  std::size_t operator()(const MessageId& id) const noexcept;

 private:
  std::uint64_t key_;
};

struct SignedMessage {
  MessageId id;
  PeerId from;
  Topic topic;
  Bytes wire;      // the protobuf message, fields in ascending order
  BytesView data;  // within wire
};
using MessagePtr = std::shared_ptr<const SignedMessage>;

// Everything but the signature is checked: that costs a job on the pool.
Result<MessagePtr> read_message(BytesView wire);

// unverified: signature or key do not hold.
Result<void> check_signature(const SignedMessage& message);

MessagePtr sign_message(const KeyPair& key, std::uint64_t seqno, const Topic& topic,
                        BytesView data);

}  // namespace goop::p2p::pubsub
