#include "p2p/secure/segment.h"

#include <algorithm>
#include <new>

#include "base/error.h"

namespace goop::p2p {
namespace {

Block* allocate(std::size_t capacity) {
  auto* block = new (::operator new(sizeof(Block) + capacity)) Block{};
  block->capacity = static_cast<std::uint32_t>(capacity);
  block->references = 1;
  return block;
}

void release(Block* block) {
  block->~Block();
  ::operator delete(block);
}

}  // namespace

BlockPool::~BlockPool() {
  for (auto* block : free_) release(block);
}

Block* BlockPool::take(std::size_t size) {
  GOOP_ASSERT(size <= block_bytes);
  if (size < block_bytes / 4) return allocate(size);
  Block* block = nullptr;
  if (free_.empty()) {
    block = allocate(block_bytes);
  } else {
    block = free_.back();
    free_.pop_back();
    block->references = 1;
  }
  block->pool = shared_from_this();
  return block;
}

void BlockPool::give_back(Block* block) {
  auto pool = std::move(block->pool);
  if (pool && pool->free_.size() < keep_free) {
    pool->free_.push_back(block);
  } else {
    release(block);
  }
}

Segment Segment::copy_of(BytesView bytes) {
  Segment copy;
  copy.block_ = allocate(std::max(bytes.size(), least_copy_bytes));
  copy.size_ = bytes.size();
  std::ranges::copy(bytes, copy.block_->bytes());
  return copy;
}

bool Segment::append_in_place(BytesView bytes) {
  if (!block_ || block_->references != 1 || offset_ + size_ + bytes.size() > block_->capacity) {
    return false;
  }
  std::ranges::copy(bytes, block_->bytes() + offset_ + size_);
  size_ += bytes.size();
  return true;
}

}  // namespace goop::p2p
