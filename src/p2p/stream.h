// A stream between two peers: what every protocol handler gets.
//
// A move-only handle. Dropping it resets what is unfinished, so that no half-open stream is ever
// forgotten: call `close()` when all was said, `reset()` when not.
//
// Thread: loop only. Reads and writes may run at the same time; two reads, or two writes, may not.
#pragma once

#include <memory>

#include "p2p/duplex.h"
#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"
#include "p2p/multi/protocol_id.h"

namespace goop::p2p {

enum class Direction { inbound, outbound };

// libp2p's stream reset codes; sent as advice, received as "reset" whatever the value.
enum class ResetCode : std::uint32_t {
  none = 0,
  negotiation_failed = 0x1001,
  resource_limit = 0x1002,
  rate_limited = 0x1003,
  violation = 0x1004,
  shutdown = 0x1007,
  gated = 0x1008,
};

namespace mux {
class YamuxStream;  // p2p/mux/yamux.h
}

// What is known of the connection below a stream; a snapshot.
struct ConnectionInfo {
  std::uint64_t id = 0;  // of this process, never reused
  PeerId peer;           // proven by the handshake
  Direction direction = Direction::outbound;
  Multiaddr remote;  // without /p2p
  Multiaddr local;
  bool limited = false;  // through a relay that limits time or data
  Instant opened{};
  std::optional<Duration> rtt;  // the newest measurement
  std::size_t streams = 0;
  WorkUnits work = 0;  // that the other side has made us do
};

class Stream final : public Duplex {
 public:
  // How far the stream's own multistream negotiation has come. Lazy: the peer is known to speak the
  // protocol, so its name goes out with the first bytes and the answer is read with the first read;
  // when that fails the stream is reset.
  enum class Negotiation { done, lazy_unsent, lazy_unanswered, reading_answer };

  // When the end of a lazy stream goes out. js-libp2p misses one that comes in one piece with the
  // protocol's name, so only a peer that is known not to gets it before it has answered.
  enum class Ending { after_answer, at_once };

  Stream(std::shared_ptr<mux::YamuxStream> mux, ProtocolId protocol, Negotiation negotiation,
         Ending ending = Ending::after_answer);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream() override;

  // After a negotiation that ran over this very handle.
  void agreed_on(ProtocolId protocol) { protocol_ = std::move(protocol); }

  const PeerId& peer() const;
  const ProtocolId& protocol() const { return protocol_; }
  Direction direction() const;
  ConnectionInfo connection() const;

  Task<BytesView> fill(Deadline by) override;
  void consume(std::size_t count) override;
  Task<> write(BytesView bytes, Deadline by) override;
  Duration charge(WorkUnits units) override;

  // Several buffers as one write; bulk data is encrypted straight from them, without a copy.
  Task<> write_all(std::span<const BytesView> parts, Deadline by);

  // Ends our direction; reading goes on until the other side ends its own. On a lazily negotiated
  // stream something must have been written or read before; see Ending.
  void close_write();

  // Ends both directions in order: what was written still arrives; unread input is discarded. The
  // handle is of no more use afterwards, as after reset. It waits for nothing, so who only writes
  // to a stream of js-libp2p should open it eagerly.
  void close();

  // Ends both directions at once, dropping what is queued.
  void reset(ResetCode code = ResetCode::none);

 private:
  Task<BytesView> fill_negotiated(Deadline by);
  Task<> write_first(std::span<const BytesView> parts, Deadline by);

  std::shared_ptr<mux::YamuxStream> mux_;  // null after a move
  ProtocolId protocol_;
  Negotiation negotiation_;
  Ending ending_;
  bool end_due_ = false;
};

}  // namespace goop::p2p
