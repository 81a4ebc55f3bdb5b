// What neighbours say to each other: subscriptions, messages, and control of the mesh.
//
// Reading happens in two passes. The first looks at the bytes alone and decides whether what they
// announce may be built at all; only the second builds it. Entries that mean nothing to us (topics
// and ids longer than ours can be) are left out, and messages that break StrictSign are counted.
//
// Spec:   libp2p gossipsub 1.0 to 1.2, "protobuf".   Limits: pubsub/limits.h
// Errors: invalid, too_large.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/time.h"
#include "p2p/pubsub/message.h"
#include "p2p/work_units.h"

namespace goop::p2p::pubsub {

struct Subscription {
  Topic topic;
  bool subscribe;
};

struct Have {
  Topic topic;
  std::vector<MessageId> ids;
};

struct Prune {
  Topic topic;
  std::optional<std::chrono::seconds> backoff;  // at most limits::backoff_most_told when received
};

struct Control {
  std::vector<Have> ihave;
  std::vector<MessageId> iwant;
  std::vector<Topic> graft;
  std::vector<Prune> prune;
  std::vector<MessageId> idontwant;

  bool empty() const {
    return ihave.empty() && iwant.empty() && graft.empty() && prune.empty() && idontwant.empty();
  }
};

struct Rpc {
  std::vector<Subscription> subscriptions;
  std::vector<MessagePtr> messages;
  std::size_t malformed = 0;  // messages that nobody may send
  Control control;
};

Result<Rpc> read_rpc(BytesView body);

// What its parts cost whoever takes them, without its bytes and the signatures that are checked.
WorkUnits work_of(const Rpc& rpc);

// Frames: the length, then the RPC. Several of them may be written as one.
Bytes frame(std::span<const Subscription> subscriptions);  // of none: the empty RPC, as go says it
Bytes frame(const SignedMessage& message);
Bytes frame(const Control& control);

}  // namespace goop::p2p::pubsub
