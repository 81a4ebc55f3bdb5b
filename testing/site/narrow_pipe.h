// Two Duplexes joined in memory by a window of bounded size, as two muxed streams are: a writer
// waits while the reader does not read, and what fill showed stays where it is.
//
//   auto [near, far] = narrow_pipe(runtime, 64 * 1024);   // unique_ptrs; dropping one resets both
#pragma once

#include <memory>
#include <utility>

#include "base/signal.h"
#include "p2p/duplex.h"

namespace goop::sim {

class NarrowEnd final : public p2p::Duplex {
 public:
  struct Wire;  // what both ends share
  NarrowEnd(std::shared_ptr<Wire> wire, int side) : wire_(std::move(wire)), side_(side) {}
  ~NarrowEnd() override;

  Task<BytesView> fill(Deadline by) override;
  void consume(std::size_t count) override;
  Task<> write(BytesView bytes, Deadline by) override;

  void close();  // ends our direction in order; a later destruction resets nothing
  void reset();
  bool was_reset() const;
  void show_at_most(std::size_t bytes) { most_ = bytes; }

 private:
  std::shared_ptr<Wire> wire_;
  int side_;
  Bytes shown_;  // a stable copy of what fill gave
  std::size_t most_ = ~std::size_t{0};
  bool closed_ = false;
};

using NarrowPipe = std::pair<std::unique_ptr<NarrowEnd>, std::unique_ptr<NarrowEnd>>;
NarrowPipe narrow_pipe(Runtime& runtime, std::size_t window = 64 * 1024);

}  // namespace goop::sim
