// `goop2 peer` without argv: a peer, its viewer and the rendezvous server that it may host,
// started, run and stopped as one.
//
//   PeerProcess process(runtime, network, dir, std::move(prepared));
//   co_await process.start();          // the viewer answers while the stores are being opened
//   co_await process.stop(by);         // also after a start that failed
//
// The order of the stop: the viewer takes nothing new and lets answers end, the peer says goodbye
// to its connections and closes its stores, the server ends last (it carries the goodbye), and what
// was to be kept is on disk.
//
// Files in the peer's folder: data/control.json while the viewer listens, data/sessions.json (who
// is logged in), data/viewer.port (tried first at the next start), data/open.html (browser.h).
//
// Owns: Peer, Viewer, rendezvous::Server.   Borrows: Runtime, Network.   Thread: loop only.
// Errors: start throws conflict (a port is taken), storage.
#pragma once

#include "apps/goop2/kept_file.h"
#include "apps/goop2/viewer_peer.h"
#include "rendezvous/server.h"

namespace goop::apps {

class PeerProcess {
 public:
  PeerProcess(Runtime& runtime, net::Network& network, std::filesystem::path dir,
              peer::setup::Prepared prepared);

  Task<> start();
  Task<> stop(Deadline by);

  // When there is no time left for a stop: what must not stay behind.
  void abandon();

  peer::Peer& peer() { return peer_; }
  bool has_viewer() const { return viewer_port_ != 0; }
  viewer::Viewer& viewer() { return viewer_; }
  const rendezvous::Server* hosted() const { return hosted_.get(); }  // null: none is

 private:
  void listen();
  Task<> start_hosted();
  Task<> tell_command_line();

  Runtime& runtime_;
  std::unique_ptr<rendezvous::Server> hosted_;  // presence.rendezvous_host
  peer::Peer peer_;
  std::string control_token_;
  KeptFile sessions_, port_, control_;
  PeerForViewer shown_;
  viewer::Viewer viewer_;
  std::uint16_t viewer_port_ = 0;
  bool peer_started_ = false;
};

}  // namespace goop::apps
