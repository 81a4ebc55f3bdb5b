// The bytes that all readers of one kind of stream get, in immutable chunks.
//
// News are appended as text, and become a chunk when they are flushed: what came within one flush
// goes out in one write. Only a bounded number of bytes is kept; chunks that a reader is just
// writing live as long as it holds them.
//
// Pure.   Limits: limits::log_bytes
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "base/bytes.h"
#include "rendezvous/limits.h"

namespace goop::rendezvous {

using Chunk = std::shared_ptr<const Bytes>;

class StreamLog {
 public:
  Bytes& pending() { return pending_; }  // to append to

  // True: there is a new chunk.
  bool flush() {
    if (pending_.empty()) return false;
    bytes_ += pending_.size();
    chunks_.push_back(std::make_shared<const Bytes>(std::move(pending_)));
    pending_ = {};
    while (bytes_ > limits::log_bytes && chunks_.size() > 1) {
      bytes_ -= chunks_.front()->size();
      chunks_.pop_front();
      ++first_;
    }
    return true;
  }

  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + chunks_.size(); }  // of the next chunk
  const Chunk& at(std::uint64_t number) const {
    return chunks_[static_cast<std::size_t>(number - first_)];
  }
  std::size_t bytes() const { return bytes_; }

 private:
  Bytes pending_;
  std::deque<Chunk> chunks_;
  std::uint64_t first_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace goop::rendezvous
