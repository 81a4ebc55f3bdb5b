// WebSockets of peers: one peer each, proven or not.
//
// A socket belongs to a peer when a message signed by that peer has come over it. Until then it is
// only said to: it reads, but gets nothing that is meant for one peer, never replaces a proven
// one, and its end changes nothing for a peer that signs. A proven socket holds its peer's row and
// is where punch hints go. A new socket of the same kind replaces the old one.
//
// Where one proven socket replaces another, the same folder may run on two computers. The old one
// is told which message proved the new one, and so is the new one, if the old program still
// answers our goodbye: what a crash or a changed network leaves behind does not. Both can see from
// its `ts` whether they signed that message themselves: a relay of it is no second computer.
//
// Thread: loop only.   Borrows: Runtime, Board, Hub, Ingest.   Owns: the sockets and their tasks.
// Limits: limits.h, "WebSocket".   Errors: of a message on a delta socket are told (`refused`).
#pragma once

#include "net/http/message.h"
#include "net/http/websocket_frames.h"
#include "rendezvous/hub.h"
#include "rendezvous/ingest.h"
#include "rendezvous/punch.h"

namespace goop::rendezvous {

struct SocketCounters {
  std::uint64_t opened = 0, proven = 0, replaced = 0, dead = 0, frames = 0, dropped = 0,
                punches = 0;
};

class Sockets {
 public:
  struct Hooks {
    std::function<void(std::vector<Change>)> changed;  // rows that ended with their socket
    std::function<void()> sooner;                      // the board's next_due() came nearer
    std::function<Audience(const net::IpAddress& client)> audience;  // of an unproven socket
    std::function<void(const p2p::PeerId& peer)> introduced;  // a proven one, to those who are here
  };

  Sockets(Runtime& runtime, Board& board, Hub& hub, Ingest& ingest, Hooks hooks);

  struct Opening {
    p2p::PeerId peer;
    net::IpAddress client;
    Format format;
    std::optional<std::uint64_t> resume_after;
  };
  void open(net::http::Handover connection, Opening opening);
  void probe(net::http::Handover connection);  // says `probe-ok` and goodbye

  // It came, or has new addresses. True: it has a socket here, and may be introduced elsewhere.
  bool hint(const p2p::PeerId& peer);
  // The peer has its socket at another server: tells some of those here, and says whom.
  std::vector<p2p::PeerId> introduce(const p2p::PeerId& peer);
  // The other way round: the peer, which is here, is told of those who were told of it.
  void introduce(const p2p::PeerId& peer, std::span<const p2p::PeerId> others);

  // Closes what the peer has open here; false: nothing.
  bool dismiss(const p2p::PeerId& peer, std::string_view reason);

  Task<> run();     // looks after the silent ones, until cancelled
  void farewell();  // tells all that the server goes away
  Task<> stop();

  std::size_t size() const { return all_.size(); }
  std::size_t size_at(const net::IpAddress& client) const;
  bool has_proven(const p2p::PeerId& peer) const;
  bool has(const p2p::PeerId& peer) const { return of_peer_.contains(peer); }
  const SocketCounters& counters() const { return counters_; }

 private:
  struct Socket;
  using Shared = std::shared_ptr<Socket>;
  struct OfPeer {
    Shared proven, unproven;
  };

  Task<> run_socket(Shared socket, Bytes unread);
  Task<> read(Shared socket, Bytes unread);
  Task<bool> take(Shared socket, net::http::ws::Message message);
  void prove(const Shared& socket, std::int64_t ts);
  static void tell(Socket& socket, Bytes frame);
  void begin(const Shared& socket);
  void replace(Shared& current, const Shared& by);
  Task<> see_off(std::shared_ptr<Subscriber> out);
  Task<> run_probe(std::shared_ptr<Subscriber> out);
  void ended(const Shared& socket);
  void punch(const Shared& socket, const Row& about);
  std::vector<p2p::PeerId> tell_some(const p2p::PeerId& peer, const Row& row);
  Shared proven(const p2p::PeerId& peer) const;
  static void close(Subscriber& out, std::uint16_t code, std::string_view reason);
  void look_after(Instant now);

  Runtime& runtime_;
  Board& board_;
  Hub& hub_;
  Ingest& ingest_;
  Hooks hooks_;
  std::vector<Shared> all_;  // each knows its place
  std::unordered_map<p2p::PeerId, OfPeer> of_peer_;
  std::unordered_map<net::IpAddress, std::size_t> at_client_;
  PunchPairs pairs_;
  SocketCounters counters_;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous
