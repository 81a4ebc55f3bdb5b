// Token buckets by key, a bounded number of them: who is over its rate now.
//
// A full bucket can be forgotten without anybody noticing, so that is what happens when there is no
// room; if none is full, the oldest goes.
//
//   Budgets<net::IpAddress> by_address(rate, burst);
//   if (const auto wait = by_address.take(address, now); wait > 0s) …429, Retry-After…
//
// Pure.   Limits: limits::budgets
#pragma once

#include <list>
#include <unordered_map>

#include "base/rate_limit.h"
#include "rendezvous/limits.h"

namespace goop::rendezvous {

template <class Key>
class Budgets {
 public:
  Budgets(double rate_per_second, double burst) : rate_(rate_per_second), burst_(burst) {}

  // Takes `cost` if it is there, else says how long until it is.
  Duration take(const Key& key, Instant now, double cost = 1) {
    auto& bucket = this->bucket(key, now);
    if (bucket.take(now, cost)) return Duration::zero();
    return std::max<Duration>(bucket.wait(now, cost), std::chrono::nanoseconds(1));
  }

  // Takes `cost` even on credit: for what was found bad afterwards.
  void charge(const Key& key, Instant now, double cost) { bucket(key, now).spend(now, cost); }

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Entry {
    TokenBucket bucket;
    typename std::list<Key>::iterator in_order;
  };

  TokenBucket& bucket(const Key& key, Instant now) {
    if (const auto at = buckets_.find(key); at != buckets_.end()) return at->second.bucket;
    if (buckets_.size() >= limits::budgets) forget_one(now);
    order_.push_back(key);
    auto entry = Entry{TokenBucket(rate_, burst_), std::prev(order_.end())};
    return buckets_.emplace(key, std::move(entry)).first->second.bucket;
  }

  // Looks at the few oldest, so that a crowd of empty buckets costs no search through all.
  void forget_one(Instant now) {
    constexpr int looks = 8;
    auto victim = order_.begin();
    auto at = order_.begin();
    for (int i = 0; i < looks && at != order_.end(); ++i, ++at) {
      if (!buckets_.at(*at).bucket.full(now)) continue;
      victim = at;
      break;
    }
    buckets_.erase(*victim);
    order_.erase(victim);
  }

  double rate_, burst_;
  std::unordered_map<Key, Entry> buckets_;
  std::list<Key> order_;
};

}  // namespace goop::rendezvous
