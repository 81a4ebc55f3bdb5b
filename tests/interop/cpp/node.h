// Our peer of the interoperability tests: a host that serves what the contract asks for.
//
// Thread: loop only.   Owns: the host.
#pragma once

#include "net/os_network.h"
#include "p2p/host.h"

namespace goop::interop {

inline const p2p::ProtocolId reset_id("/reset/1.0.0");
inline const p2p::ProtocolId protocols_id("/protocols/1.0.0");
inline const p2p::ProtocolId toggle_id("/toggle/1.0.0");
inline const p2p::ProtocolId toggled_id("/toggled/1.0.0");
inline const p2p::ProtocolId push_check_id("/push-check/1.0.0");

// What every peer of the contract lists in its identify.
std::vector<p2p::ProtocolId> served();

struct NodeOptions {
  std::vector<p2p::Multiaddr> listen;  // empty: dials only
  p2p::EarlyMuxer early_muxer = p2p::EarlyMuxer::offer;
};

p2p::KeyPair fresh_key(Runtime& runtime);

class Node {
 public:
  Node(Runtime& runtime, NodeOptions options);

  p2p::Host& host() { return host_; }

  // Another protocol whose streams are closed at once.
  void handle_nothing(const p2p::ProtocolId& protocol);

 private:
  Task<> serve_reset(p2p::Stream stream);
  Task<> serve_protocols(p2p::Stream stream);
  Task<> serve_toggle(p2p::Stream stream);
  Deadline soon() const;

  Runtime& runtime_;
  net::OsNetwork network_;
  p2p::Host host_;
};

}  // namespace goop::interop
