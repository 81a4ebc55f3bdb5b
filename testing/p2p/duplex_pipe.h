// Two Duplexes joined in memory, for tests of protocols that need no connection below them.
//
//   DuplexPipe pipe(runtime);
//   pipe.a.show_at_most(1);      // every fill of `a` shows one byte: all splits of the input
//   pipe.a.put(bytes);           // as if the other side had written them
//   pipe.a.put_end();
//   EXPECT_EQ(to_hex(pipe.b.take()), …);   // what `a` wrote
#pragma once

#include "base/signal.h"
#include "p2p/duplex.h"

namespace goop::sim {

class PipeEnd final : public p2p::Duplex {
 public:
  explicit PipeEnd(Runtime& runtime) : news_(runtime) {}

  Task<BytesView> fill(Deadline by) override;
  void consume(std::size_t count) override;
  Task<> write(BytesView bytes, Deadline by) override;

  void end() { peer_->put_end(); }  // our direction is over
  void put(BytesView bytes);
  void put_end();
  Bytes take();  // all that is unread, whole

  void show_at_most(std::size_t bytes) { shown_ = bytes; }
  void break_writes() { broken_ = true; }  // they fail as those of a reset stream do
  std::size_t writes() const { return writes_; }

 private:
  friend class DuplexPipe;

  Signal news_;
  PipeEnd* peer_ = nullptr;
  Bytes unread_;
  std::size_t begin_ = 0;
  std::size_t shown_ = ~std::size_t{0};
  std::size_t writes_ = 0;
  bool ended_ = false, broken_ = false;
};

class DuplexPipe {
 public:
  explicit DuplexPipe(Runtime& runtime) : a(runtime), b(runtime) {
    a.peer_ = &b;
    b.peer_ = &a;
  }

  PipeEnd a, b;
};

}  // namespace goop::sim
