// A Duplex over the bare transport, for what is said before the secure channel is up.
//
// Holds what was read and not yet taken. When negotiation is over, `release_unread` hands that
// surplus to the next layer: a peer may send its first encrypted frames together with the last
// message of the handshake.
//
// Borrows: Runtime, ByteStream (both must outlive it).   Thread: loop only.
// Limits:  limits::raw_read_bytes, allocated with the first read.
#pragma once

#include "net/network.h"
#include "p2p/duplex.h"

namespace goop::p2p {

class RawDuplex final : public Duplex {
 public:
  RawDuplex(Runtime& runtime, net::ByteStream& stream) : runtime_(runtime), stream_(stream) {}

  Task<BytesView> fill(Deadline by) override;
  void consume(std::size_t count) override;
  Task<> write(BytesView bytes, Deadline by) override;

  // What has arrived and was not consumed; nothing is left behind.
  Bytes release_unread();

 private:
  BytesView unread() const { return BytesView(buffer_).subspan(begin_, end_ - begin_); }

  Runtime& runtime_;
  net::ByteStream& stream_;
  Bytes buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace goop::p2p
