// A slice of a reference-counted block: how bytes travel through a connection without being copied.
//
// The secure channel decrypts each frame into a block; the muxer hands slices of it to streams; the
// reader looks at them in place. Blocks of one frame's size come from a pool that keeps a few free
// ones, because allocating and faulting in 64 KiB per frame would cost a tenth of the throughput.
//
// Thread: loop only (the counts are not atomic).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace goop::p2p {

class BlockPool;

// Header of a block; its bytes follow.
struct Block {
  std::shared_ptr<BlockPool> pool;  // null: freed when the last segment goes
  std::uint32_t references;
  std::uint32_t capacity;

  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  static constexpr std::size_t block_bytes = 65'792;  // the largest Noise frame, and some slack
  static constexpr std::size_t keep_free = 16;        // 1 MiB; more is given back

  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  ~BlockPool();

  // A block for `size` bytes: of the pool when most of it will be used, else of its own size.
  Block* take(std::size_t size);
  static void give_back(Block* block);

 private:
  std::vector<Block*> free_;
};

class Segment {
 public:
  Segment() = default;
  Segment(BlockPool& pool, std::size_t size) : block_(pool.take(size)), size_(size) {}
  Segment(const Segment& other) : block_(other.block_), offset_(other.offset_), size_(other.size_) {
    if (block_) ++block_->references;
  }
  Segment(Segment&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        offset_(other.offset_),
        size_(std::exchange(other.size_, 0)) {}
  Segment& operator=(Segment other) noexcept {
    std::swap(block_, other.block_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Segment() {
    if (block_ && --block_->references == 0) BlockPool::give_back(block_);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  BytesView view() const { return {block_ ? block_->bytes() + offset_ : nullptr, size_}; }
  MutBytes room() { return {block_->bytes() + offset_, size_}; }  // only while nobody shares it

  // A copy in a block of its own, with some room behind it.
  static Segment copy_of(BytesView bytes);

  // Appends in place if nobody else shares the block and there is room; false: nothing was done.
  bool append_in_place(BytesView bytes);

  // Bytes of memory that this slice keeps alive.
  std::size_t footprint() const { return block_ ? block_->capacity : 0; }

  Segment first(std::size_t count) const {
    Segment slice = *this;
    slice.size_ = count;
    return slice;
  }
  void remove_prefix(std::size_t count) {
    offset_ += count;
    size_ -= count;
  }
  void shrink(std::size_t size) { size_ = size; }

 private:
  static constexpr std::size_t least_copy_bytes = 1024;

  Block* block_ = nullptr;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace goop::p2p
