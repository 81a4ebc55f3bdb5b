// Two peers with one connection, from simulated TCP through Noise and yamux, for tests of protocols
// that need a whole Stream (half-close, reset, flow control) but no host.
//
//   StreamWorld world(40ms);                        // one way
//   auto [ours, theirs] = world.open(protocol::ping);
#pragma once

#include "base/task_scope.h"
#include "p2p/multi/keys.h"
#include "p2p/mux/yamux.h"
#include "p2p/raw_duplex.h"
#include "p2p/secure/noise_handshake.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::sim {

class StreamWorld {
 public:
  explicit StreamWorld(Duration one_way = 1ms);
  ~StreamWorld();

  SimRuntime& runtime() { return runtime_; }
  TaskScope& scope() { return scope_; }  // for handlers; closed with the world

  struct Ends {
    p2p::Stream ours, theirs;
  };
  Ends open(const p2p::ProtocolId& protocol);  // agreed already

 private:
  struct Side {
    explicit Side(SimRuntime& runtime);

    p2p::KeyPair key;
    std::unique_ptr<net::ByteStream> below;
    std::optional<p2p::HandshakeResult> proof;
    std::unique_ptr<p2p::mux::Yamux> yamux;
  };
  Task<> shake_hands(Side& side, p2p::HandshakeRole role);
  void start(Side& side, p2p::mux::Role role);

  SimRuntime runtime_;
  SimInternet internet_;
  Side ours_, theirs_;
  TaskScope scope_;
};

}  // namespace goop::sim
