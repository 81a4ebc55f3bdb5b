// Whole hosts in a simulated internet, for tests of what they do together.
//
//   HostWorld world;
//   auto& a = world.add(1);                // at 10.0.0.1, with a greeting protocol
//   auto& b = world.add(2);
//   world.connect(a, b);
//   EXPECT_EQ(world.say(a, b, "mira"), "hello mira");
//
// The hosts stop, in virtual time, when the world ends.
#pragma once

#include "p2p/host.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::sim {

inline const p2p::ProtocolId greet("/test/greet/1.0.0");  // a name comes, "hello <name>" goes back

p2p::KeyPair key_of(std::uint8_t fill);

class HostWorld {
 public:
  explicit HostWorld(std::uint64_t seed = 1) : rt(seed) {}
  ~HostWorld();

  SimHost& machine(std::uint8_t n) { return internet.add_host(fmt::format("10.0.0.{}", n)); }
  p2p::HostOptions options(std::uint8_t n) const;  // its key, and port 4001

  p2p::Host& add(std::uint8_t n) { return add(machine(n), options(n)); }
  p2p::Host& add(net::Network& where, p2p::HostOptions options);

  p2p::ConnectionInfo connect(p2p::Host& from, p2p::Host& to);
  std::string say(p2p::Host& from, p2p::Host& to, std::string name);  // over greet

  Deadline soon(Duration span = std::chrono::seconds(10)) {
    return Deadline::after(rt.now(), span);
  }

  SimRuntime rt;
  SimInternet internet{rt};
  std::vector<std::unique_ptr<p2p::Host>> hosts;
};

// A line out and a line back over the first of `protocols` that the peer speaks.
Task<std::string> ask_line(p2p::Host& host, p2p::PeerId peer,
                           std::vector<p2p::ProtocolId> protocols, std::string line, Deadline by);

}  // namespace goop::sim
