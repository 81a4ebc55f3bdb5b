// What a protocol speaks over: bytes to look at before they are taken, and bytes to send.
//
// Looking (`fill`) is separate from taking (`consume`), so a parser never reads past its message:
// what it leaves belongs to whoever comes next. This is what makes pipelined negotiation safe
// (multistream-select, Noise, relay STATUS). Implemented by the raw transport, the secure channel
// and the muxed stream.
//
// Thread: loop only. One reader and one writer at a time.
#pragma once

#include "base/runtime.h"
#include "p2p/work_units.h"

namespace goop::p2p {

class Duplex {
 public:
  virtual ~Duplex() = default;

  // The unread bytes, waiting until there is at least one; empty when the other side has ended its
  // direction. Valid until the next fill or consume. Throws closed, timeout, cancelled.
  virtual Task<BytesView> fill(Deadline by) = 0;

  // Takes the first `count` bytes of what fill returned.
  virtual void consume(std::size_t count) = 0;

  // Returns when `bytes` are on their way (they may be reused); throws closed, timeout, cancelled.
  virtual Task<> write(BytesView bytes, Deadline by) = 0;

  // Charges the other side for work that it makes us do; gives how long to leave it waiting. Free
  // where nobody counts.
  virtual Duration charge([[maybe_unused]] WorkUnits units) { return Duration::zero(); }
};

// The same, and waits.
Task<> charge_and_wait(Duplex& from, Runtime& runtime, WorkUnits units);

// --- what most protocols need on top; all of them throw as fill does ---

// Exactly `into.size()` bytes; Failure(closed) when the stream ends before.
Task<> read_exactly(Duplex& from, MutBytes into, Deadline by);

// A text line up to '\n' (not included; a '\r' before it is kept). `too_large` beyond `max_bytes`,
// `closed` when the stream ends in the middle, nullopt when it ends before the first byte.
Task<std::optional<std::string>> read_line(Duplex& from, std::size_t max_bytes, Deadline by);

// A message with uvarint length prefix; the buffer grows as bytes arrive, not by announcement.
// nullopt when the stream ends before the first byte.
Task<std::optional<Bytes>> read_prefixed(Duplex& from, std::size_t max_bytes, Deadline by);
Task<> write_prefixed(Duplex& to, BytesView message, Deadline by);

// Everything until the other side ends; `too_large` beyond `max_bytes`.
Task<Bytes> read_to_end(Duplex& from, std::size_t max_bytes, Deadline by);

}  // namespace goop::p2p
