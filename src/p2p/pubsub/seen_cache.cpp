#include "p2p/pubsub/seen_cache.h"

namespace goop::p2p::pubsub {

bool SeenCache::add(const MessageId& id, Instant now) {
  const auto [place, fresh] = ids_.insert(id);
  if (!fresh) return false;
  by_age_.push_back({now, &*place});
  if (ids_.size() > limits::seen_ids) drop_oldest();
  return true;
}

void SeenCache::expire(Instant now) {
  while (!by_age_.empty() && now - by_age_.front().seen >= limits::seen_time) drop_oldest();
}

void SeenCache::drop_oldest() {
  ids_.erase(ids_.find(*by_age_.front().id));
  by_age_.pop_front();
}

}  // namespace goop::p2p::pubsub
