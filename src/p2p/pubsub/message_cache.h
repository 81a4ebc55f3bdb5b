// The messages of the last heartbeats: what gossip names, and what is handed out when asked for.
//
// Spec: gossipsub 1.0, "message cache".   Limits: limits::cached_messages, limits::cached_bytes,
// limits::iwant_answers. When full the oldest messages go early.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "p2p/pubsub/message.h"

namespace goop::p2p::pubsub {

class MessageCache {
 public:
  // Messages live for `history` heartbeats and are named in gossip during the first `gossip`.
  MessageCache(std::size_t history, std::size_t gossip, std::uint64_t key);

  void put(MessagePtr message);

  // The message, unless it is gone or the peer has asked for it too often.
  MessagePtr get_for(const PeerId& peer, const MessageId& id);

  std::vector<MessageId> gossip_ids(const Topic& topic) const;

  void shift();  // a heartbeat is over

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Asker {
    PeerId peer;
    std::size_t times;
  };
  struct Entry {
    MessagePtr message;
    std::vector<Asker> askers;
  };
  struct Name {
    std::uint64_t window;  // in which it came
    MessagePtr message;
  };

  void drop_oldest();

  std::size_t history_, gossip_;
  std::uint64_t window_ = 0;  // the current one
  std::size_t bytes_ = 0;
  std::unordered_map<MessageId, Entry, MessageIdHash> entries_;
  std::deque<Name> by_age_;
};

}  // namespace goop::p2p::pubsub
