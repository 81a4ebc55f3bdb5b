#include "p2p/pubsub/outbound_queue.h"

namespace goop::p2p::pubsub {

// A single frame is always taken: the largest RPC may be as large as the queue.
bool OutboundQueue::fits(std::size_t more) const {
  return entries_.empty() ||
         (entries_.size() < limits::queue_entries && bytes_ + more <= limits::queue_bytes);
}

bool OutboundQueue::drop_oldest(Send::Kind kind) {
  const auto oldest = std::ranges::find(entries_, kind, &Entry::kind);
  if (oldest == entries_.end()) return false;
  bytes_ -= oldest->frame->size();
  entries_.erase(oldest);
  ++dropped_;
  return true;
}

bool OutboundQueue::push(Send::Kind kind, Frame frame) {
  const bool essential = kind == Send::Kind::subscriptions || kind == Send::Kind::mesh;
  while (!fits(frame->size())) {
    if (drop_oldest(Send::Kind::gossip)) continue;
    const bool room = kind != Send::Kind::gossip && drop_oldest(Send::Kind::message);
    if (room) continue;
    if (essential) return false;
    ++dropped_;
    return true;
  }
  bytes_ += frame->size();
  entries_.push_back({++newest_, kind, std::move(frame)});
  return true;
}

std::vector<OutboundQueue::Frame> OutboundQueue::take() {
  std::vector<Frame> frames;
  if (entries_.empty()) return frames;
  writing_ = entries_.front().number;
  for (auto& entry : entries_) frames.push_back(std::move(entry.frame));
  entries_.clear();
  bytes_ = 0;
  return frames;
}

void OutboundQueue::clear() {
  entries_.clear();
  bytes_ = 0;
  writing_ = 0;
}

bool OutboundQueue::settled(std::uint64_t number) const {
  if (writing_ != 0 && writing_ <= number) return false;
  return entries_.empty() || entries_.front().number > number;
}

}  // namespace goop::p2p::pubsub
