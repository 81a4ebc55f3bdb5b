// Token buckets by key, in a table that cannot grow without bound.
//
// When it is full the bucket that was used longest ago is forgotten: whoever can fill the table
// from so many keys gains no more than they already have.
//
// Pure state.   Thread: loop only.
#pragma once

#include <list>
#include <map>

#include "base/rate_limit.h"

namespace goop::p2p {

template <class Key>
class BucketTable {
 public:
  struct Shape {
    double rate, burst;
    std::size_t entries;
  };
  explicit BucketTable(Shape shape) : shape_(shape) {}

  bool take(const Key& key, Instant now) {
    auto [at, added] = buckets_.try_emplace(key, shape_.rate, shape_.burst);
    if (added) {
      at->second.place = order_.insert(order_.end(), key);
      if (buckets_.size() > shape_.entries) {
        buckets_.erase(order_.front());
        order_.pop_front();
      }
    } else {
      order_.splice(order_.end(), order_, at->second.place);
    }
    return at->second.bucket.take(now);
  }

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Slot {
    Slot(double rate, double burst) : bucket(rate, burst) {}
    TokenBucket bucket;
    typename std::list<Key>::iterator place;
  };

  Shape shape_;
  std::map<Key, Slot> buckets_;
  std::list<Key> order_;  // least recently used first
};

}  // namespace goop::p2p
