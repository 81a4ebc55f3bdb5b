// A host that one proven peer floods, and a neighbour that it serves meanwhile, all in one network.
//
//   FloodWorld flood;
//   const auto id = flood.ask(sim::greet);
//   const auto longest = flood.run(5s, [&] { flood.say(id, bytes); });
//   EXPECT_LT(longest, 1s);                             // the neighbour's waits
//   EXPECT_LE(flood.charged(), flood.allowed(5s));      // what mallory got done
//
// Budgets of work are a tenth of the usual, so that a flood of seconds takes moments.
#pragma once

#include "testing/hosts/raw_peer.h"

namespace goop::sim {

inline constexpr p2p::WorkLimits small_work{{25e6, 50e6}, {40e6, 100e6}, {75e6, 150e6}};

struct FloodWorld {
  explicit FloodWorld(std::uint64_t seed = 1, p2p::WorkLimits work = small_work);
  ~FloodWorld() { stop(); }

  // Stops all hosts, before what their handlers use dies.
  void stop();

  // Lets `more` queue frames of mallory's whenever all went out; gives the neighbour's longest
  // wait.
  Duration run(Duration span, const std::function<void()>& more);
  Duration serve_neighbour();

  std::uint32_t next_stream() { return std::exchange(stream_, stream_ + 2); }
  std::uint32_t ask(const p2p::ProtocolId& protocol);  // a new stream, with all the credit it wants
  bool say(std::uint32_t stream, BytesView bytes);     // false: beyond the credit, nothing is said

  p2p::WorkUnits charged() const;       // to mallory's connection, while it is open
  double allowed(Duration span) const;  // burst, rate and what one read may bring beyond
  const p2p::WorkLimits work;

  HostWorld world;
  p2p::Host& victim;
  p2p::Host& neighbour;
  RawPeer mallory;

 private:
  static p2p::HostOptions with_work(p2p::HostOptions options, p2p::WorkLimits work);
  std::uint32_t stream_ = 1;
  std::map<std::uint32_t, std::size_t> said_;
};

}  // namespace goop::sim
