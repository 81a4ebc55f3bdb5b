// One live connection as the host sees it: its streams, and what identify said over it.
//
// `serve` runs it from adoption to its end: it negotiates inbound streams and gives them to the
// host's handlers. Each stream is a task of its own, so a slow one delays nobody.
//
// Owns: the muxer, its budget ticket, the tasks of its streams.   Thread: loop only.
#pragma once

#include <functional>

#include "p2p/host.h"
#include "p2p/mux/yamux.h"
#include "p2p/swarm/budget.h"

namespace goop::p2p {

// What the host lets inbound streams have.
struct HandlerEntry {
  Host::Handler handler;
  HandlerLimits limits;
};
using HandlerTable = std::map<ProtocolId, HandlerEntry>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Parts {
    Runtime& runtime;
    Budget& budget;
    const HandlerTable& handlers;
    Host::Counters& counters;
  };

  Connection(Parts parts, NoiseChannel channel, mux::YamuxOptions options, PublicKey key,
             ConnectionTicket ticket);

  // Until the connection has ended; every stream's task has ended then, too.
  Task<> serve();

  // A new stream. With facts at hand the first protocol that the peer speaks is taken without a
  // round trip; `eager` negotiates it in any case.
  enum class Opening { lazy_if_known, eager };
  Task<Stream> open(std::vector<ProtocolId> protocols, Opening opening, Deadline by);

  Task<> close(Deadline by) { return mux_.close(by); }
  void abort() noexcept { mux_.abort(); }

  ConnectionInfo info() const { return mux_.info(); }
  const PeerId& peer() const { return peer_; }
  const PublicKey& key() const { return key_; }
  std::uint64_t id() const { return id_; }
  bool ended() const { return mux_.ended(); }
  bool ended_in_order() const { return mux_.ended_in_order(); }
  const mux::Yamux& mux() const { return mux_; }

  // Finds out whether protocols of the program were used since the last call.
  void look_for_use(Instant now);
  void set_known(bool known) { ticket_.set_known(known); }

  std::optional<PeerFacts> facts;                        // what identify said, newest
  Stream::Ending ending = Stream::Ending::after_answer;  // of lazy streams to this peer
  TokenBucket pushes;                                    // identify pushes it may still send
  Instant idle_since;

 private:
  Task<> serve_stream(std::shared_ptr<mux::YamuxStream> raw);

  Parts parts_;
  std::uint64_t id_;
  PeerId peer_;
  PublicKey key_;
  ConnectionTicket ticket_;
  std::uint64_t used_bytes_ = 0;  // at the last look
  mux::Yamux mux_;
  TaskScope tasks_;
};

}  // namespace goop::p2p
