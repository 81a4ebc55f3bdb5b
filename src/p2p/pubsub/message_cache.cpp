#include "p2p/pubsub/message_cache.h"

namespace goop::p2p::pubsub {

MessageCache::MessageCache(std::size_t history, std::size_t gossip, std::uint64_t key)
    : history_(history), gossip_(gossip), entries_(0, MessageIdHash(key)) {
  GOOP_ASSERT(gossip_ <= history_);
}

void MessageCache::put(MessagePtr message) {
  if (!entries_.try_emplace(message->id, Entry{message, {}}).second) return;
  bytes_ += message->wire.size();
  by_age_.push_back({window_, std::move(message)});
  while (entries_.size() > limits::cached_messages || bytes_ > limits::cached_bytes) drop_oldest();
}

MessagePtr MessageCache::get_for(const PeerId& peer, const MessageId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  auto& askers = found->second.askers;
  auto asker = std::ranges::find(askers, peer, &Asker::peer);
  if (asker == askers.end()) asker = askers.insert(asker, {peer, 0});
  if (asker->times == limits::iwant_answers) return nullptr;
  ++asker->times;
  return found->second.message;
}

std::vector<MessageId> MessageCache::gossip_ids(const Topic& topic) const {
  std::vector<MessageId> ids;
  for (auto name = by_age_.rbegin(); name != by_age_.rend(); ++name) {
    if (name->window + gossip_ <= window_) break;
    if (name->message->topic == topic) ids.push_back(name->message->id);
  }
  return ids;
}

void MessageCache::shift() {
  ++window_;
  while (!by_age_.empty() && by_age_.front().window + history_ <= window_) drop_oldest();
}

void MessageCache::drop_oldest() {
  const auto& oldest = *by_age_.front().message;
  bytes_ -= oldest.wire.size();
  entries_.erase(oldest.id);
  by_age_.pop_front();
}

}  // namespace goop::p2p::pubsub
