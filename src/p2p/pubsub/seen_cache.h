// The ids of messages that were seen lately, the oldest forgotten first.
//
// Limits: limits::seen_ids, limits::seen_time.
#pragma once

#include <deque>
#include <unordered_set>

#include "base/time.h"
#include "p2p/pubsub/message.h"

namespace goop::p2p::pubsub {

class SeenCache {
 public:
  explicit SeenCache(std::uint64_t key) : ids_(0, MessageIdHash(key)) {}

  bool contains(const MessageId& id) const { return ids_.contains(id); }
  bool add(const MessageId& id, Instant now);  // false: it is there already
  void expire(Instant now);
  std::size_t size() const { return ids_.size(); }

 private:
  using Ids = std::unordered_set<MessageId, MessageIdHash>;
  struct Entry {
    Instant seen;
    const MessageId* id;  // the set's nodes stay where they are
  };

  void drop_oldest();

  Ids ids_;
  std::deque<Entry> by_age_;
};

}  // namespace goop::p2p::pubsub
