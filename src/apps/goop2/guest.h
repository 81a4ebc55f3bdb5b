// A peer for the time of one command: nobody in particular, or the peer of a folder that does not
// run at the moment.
//
//   Guest guest(runtime, network);              // a throw-away identity that only dials
//   Guest guest(runtime, network, "peers/ada"); // that peer, under its folder's lock
//   co_await guest.start();
//   … guest.connect(…), guest.host(), guest.site(…) …
//   co_await guest.stop();                      // in any case
//
// Owns: a Host, or a whole Peer.   Borrows: Runtime, Network.   Thread: loop only.
// Errors: conflict (the folder's lock is held), those of Host.
#pragma once

#include "peer/peer.h"

namespace goop::apps {

class Guest {
 public:
  using Speak = peer::site::Speak;
  struct Manners {
    Speak speak = Speak::newest;
    std::uint64_t largest_file = peer::site::limits::fetched_bytes;
  };
  Guest(Runtime& runtime, net::Network& network, Manners manners);
  Guest(Runtime& runtime, net::Network& network) : Guest(runtime, network, Manners()) {}
  Guest(Runtime& runtime, net::Network& network, const std::filesystem::path& dir);

  Task<> start();
  Task<> stop();

  // Gives its path. not_found: a bare peer id of which no address is known.
  Task<p2p::ConnectionInfo> connect(wire::PeerAddress to);

  p2p::Host& host() { return peer_ ? peer_->host() : *host_; }
  std::shared_ptr<peer::site::SiteSource> site(const p2p::PeerId& peer);

 private:
  Runtime& runtime_;
  std::unique_ptr<peer::Peer> peer_;  // one of the two
  std::unique_ptr<p2p::Host> host_;
  std::unique_ptr<peer::site::SiteClient> sites_;  // of host_
};

// Runs `body` between start and stop of `guest`; what it throws comes out after the stop.
Task<> with_guest(Guest& guest, Task<> body);

}  // namespace goop::apps
