// Whole peers on several simulated local networks, and a rendezvous server in between; and what can
// go wrong there. Each machine has a clock of its own.
//
//   PeerWorld world(seed);
//   const auto home = world.add_lan("10.1.0");
//   const auto mira = world.add_peer(home), kaj = world.add_peer(home);
//   world.rt.run_for(10s);
//   EXPECT_TRUE(world.sees(mira, kaj));
//
// Peers of different networks reach each other through the server alone: to it, their addresses are
// those of networks it does not know.
#pragma once

#include <filesystem>

#include "peer/peer.h"
#include "rendezvous/server.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_clock.h"
#include "testing/sim/sim_lan.h"

namespace goop::sim {

class PeerWorld {
 public:
  explicit PeerWorld(std::uint64_t seed = 1);
  ~PeerWorld();

  std::size_t add_lan(std::string prefix);  // of a /24: "10.1.0"
  std::size_t add_peer(std::size_t lan);    // starts it
  // Another machine with a copy of the peer's identity and settings.
  std::size_t add_twin(std::size_t of, std::size_t lan);

  void start(std::size_t peer);
  void stop(std::size_t peer);   // in order
  void crash(std::size_t peer);  // nobody is told

  // Nothing passes between any two on the network, nor to the server; nobody's cable is out.
  void begin_outage(std::size_t lan);
  void end_outage(std::size_t lan);
  void begin_outage(std::size_t peer, std::size_t other);
  void end_outage(std::size_t peer, std::size_t other);
  void move(std::size_t peer);  // it has another address on its network
  void set_clock(std::size_t peer, std::chrono::milliseconds ahead);

  void open_town();
  void shut_town();

  peer::Peer& operator[](std::size_t peer) { return *members_[peer]->peer; }
  bool runs(std::size_t peer) const { return members_[peer]->peer != nullptr; }
  std::size_t lan_of(std::size_t peer) const { return members_[peer]->lan; }
  std::size_t size() const { return members_.size(); }
  const std::filesystem::path& folder(std::size_t peer) const { return members_[peer]->folder; }
  const p2p::PeerId& id(std::size_t peer) const { return members_[peer]->id; }

  bool sees(std::size_t viewer, std::size_t other) const;
  bool connected(std::size_t viewer, std::size_t other) const;
  // Who of those that run does not see whom, one pair a line; empty: all is well.
  std::string unseen() const;

  SimRuntime rt;
  SimInternet internet{rt};

 private:
  struct Member {
    Member(SimRuntime& world, SimInternet& internet)
        : clock(world), machine(internet.add_host(std::vector<std::string>{}, {}, &clock)) {}
    SimClock clock;
    SimHost& machine;
    std::size_t lan = 0;
    std::filesystem::path folder;
    p2p::PeerId id;
    std::unique_ptr<peer::Peer> peer;
  };
  struct Network {
    std::string prefix;
    std::unique_ptr<SimLan> lan;
    unsigned hosts = 0;
    bool outage = false;
  };
  Member& add_member(std::size_t lan);
  std::string next_address(Network& network) const;
  std::vector<Member*> members_of(std::size_t lan);

  testing::TempFolder root_;
  SimHost& town_host_;
  std::unique_ptr<rendezvous::Server> town_;
  std::vector<Network> networks_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace goop::sim
