// What waits to be written to one neighbour, bounded, so that a slow one costs a fixed sum.
//
// When it is full, the oldest gossip goes first, since it will be said again; then the oldest
// messages, which others have too. Subscriptions and GRAFT and PRUNE stay: both sides count on
// them. If nothing else is left, the neighbour does not read at all and is given up.
//
// Limits: limits::queue_entries, limits::queue_bytes.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {

class OutboundQueue {
 public:
  using Frame = std::shared_ptr<const Bytes>;

  // False: it is full of what must not be dropped.
  bool push(Send::Kind kind, Frame frame);

  // Everything that waits, to be written as one; done() when it is.
  std::vector<Frame> take();
  void done() { writing_ = 0; }
  void clear();

  bool empty() const { return entries_.empty(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }
  std::uint64_t dropped() const { return dropped_; }

  // Each entry has a number; it is settled when it was written or given up.
  std::uint64_t newest() const { return newest_; }
  bool settled(std::uint64_t number) const;

 private:
  struct Entry {
    std::uint64_t number;
    Send::Kind kind;
    Frame frame;
  };

  bool drop_oldest(Send::Kind kind);
  bool fits(std::size_t more) const;

  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t newest_ = 0, dropped_ = 0;
  std::uint64_t writing_ = 0;  // the lowest number that is being written, or 0
};

}  // namespace goop::p2p::pubsub
