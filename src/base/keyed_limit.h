// Token buckets by key (an address, a network, an identity), a bounded number of them.
//
// When there are too many keys, the bucket that is full, or will be soonest, is forgotten: what is
// lost with it is nothing, or the least that can be. So who sends from ever new keys pushes out
// keys like its own, and who has much to repay stays watched.
//
//   KeyedLimit<net::IpAddress> by_address({.per_second = 8, .burst = 80, .keys = 10'000});
//   if (const auto wait = by_address.take(address, now); wait > 0s) …busy, try again after `wait`…
//
// Keys are ordered, not hashed: strangers choose them and could choose keys that collide.
//
// Pure state.   Thread: loop only.   Limits: Shape::keys; cost O(log keys).
#pragma once

#include <map>

#include "base/rate_limit.h"

namespace goop {

template <class Key>
class KeyedLimit {
 public:
  struct Shape {
    double per_second, burst;
    std::size_t keys;  // watched at once, at least 1
  };
  explicit KeyedLimit(Shape shape) : shape_(shape) {}

  // Takes `cost` if it is there (zero), else says how long until it is.
  Duration take(const Key& key, Instant now, double cost = 1) {
    return change(key, now, [&](TokenBucket& bucket) {
      if (bucket.take(now, cost)) return Duration::zero();
      return std::max<Duration>(bucket.wait(now, cost), std::chrono::nanoseconds(1));
    });
  }
  bool allow(const Key& key, Instant now, double cost = 1) {
    return take(key, now, cost) == Duration::zero();
  }

  // Takes `cost` on credit where it is not there: for what was found bad afterwards. A negative
  // cost gives back.
  void charge(const Key& key, Instant now, double cost) {
    change(key, now, [&](TokenBucket& bucket) { return bucket.spend(now, cost); });
  }

  std::size_t size() const { return entries_.size(); }

 private:
  using Turns = std::multimap<Instant, const Key*>;  // by the time at which the bucket is full
  struct Entry {
    TokenBucket bucket;
    typename Turns::iterator turn;
  };

  template <class Change>
  Duration change(const Key& key, Instant now, Change change) {
    auto at = entries_.find(key);
    if (at == entries_.end()) {
      if (entries_.size() >= shape_.keys) forget_one();
      at = entries_.emplace(key, Entry{TokenBucket(shape_.per_second, shape_.burst), {}}).first;
      at->second.turn = turns_.emplace(now, &at->first);
    }
    Entry& entry = at->second;
    const Duration result = change(entry.bucket);
    auto turn = turns_.extract(entry.turn);
    turn.key() = saturating_add(now, entry.bucket.wait(now, shape_.burst));
    entry.turn = turns_.insert(std::move(turn));
    return result;
  }

  void forget_one() {
    if (turns_.empty()) return;
    entries_.erase(entries_.find(*turns_.begin()->second));
    turns_.erase(turns_.begin());
  }

  Shape shape_;
  std::map<Key, Entry> entries_;
  Turns turns_;
};

}  // namespace goop
