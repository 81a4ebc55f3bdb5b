// The rendezvous server: who is here, for everybody who asks. No libp2p host is in it.
//
//   rendezvous::Server server(runtime, network, options);
//   co_await server.start();           // opens the database, listens
//   co_await server.stop(by);          // also after a start that failed
//
//   request ─> client address ─> route table: access ─> routes/<area>.cpp ─> ingest ─> board
//                                                                              └─> hub ─> readers
//
// It runs alone (`goop2 rendezvous`) or beside a peer (`presence.rendezvous_host`).
//
// Owns: board, hub, sockets, database, HTTP server.   Borrows: Runtime, Network.
// Thread: loop only.   Limits: limits.h.
// Errors: start throws conflict (the port is taken), storage, busy, forbidden (the database),
// invalid (an option).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/asset.h"
#include "net/network.h"
#include "rendezvous/board.h"
#include "rendezvous/registration/options.h"

namespace goop::rendezvous {

// A client that does not sign gets addresses when a peer on the board has come from the same
// address as it: that is how a client of the reference program is known.
struct Options {
  net::Endpoint bind;
  std::string external_url;                  // without a trailing slash; may be empty
  std::vector<std::string> trusted_proxies;  // networks
  Duration ttl = limits::ttl;
  std::string admin_password;        // in clear text or as its hash; empty: no operator's pages
  const AssetSet* assets = nullptr;  // pages, styles and scripts; null: built without
  const AssetSet* manual = nullptr;  // docs/user/*.md
  std::filesystem::path peer_db;     // empty: memory only
  std::size_t peers = limits::peers;
  bool reference_clients = true;  // see above
  RegistrationOptions registration = {};
  std::string backplane = {};  // NATS, see net/nats_servers.h; empty: this server alone
  std::size_t file_limit = 1024;  // descriptors of the process; ours stay below
  std::string version;
};

class Server {
 public:
  Server(Runtime& runtime, net::Network& network, Options options);
  ~Server();  // stop() must have run

  Task<> start();
  Task<> stop(Deadline by);

  std::uint16_t port() const;
  std::string url() const;  // external_url, else http://<bind>:<port>
  // What others may be told to use: external_url, else one for each address of this machine.
  std::vector<std::string> connect_urls() const;
  std::size_t capacity() const;  // connections that it takes, under the file limit

  Board& board();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::rendezvous
