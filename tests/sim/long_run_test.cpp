// Hours of virtual time in which everything goes wrong, alone and together: outages, a server that
// is away, clocks that jump, new addresses, crashes, twins, full disks. Whenever it is over, every
// pair that can reach each other sees each other.
//
//   GOOP_LONG_RUN_HOURS=8 GOOP_LONG_RUN_SEED=7 long_run_test     `make soak`; else half an hour
//
// The seed is printed, and repeats the run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "testing/faults/system_faults.h"
#include "tests/sim/peer_world.h"

namespace goop::sim {
namespace {

// One thing that goes wrong until it is ended, and how long all is given then.
struct Trouble {
  std::string name;
  std::function<void()> end;
  Duration settle;
  bool ends_first = false;  // what others end with needs it
};

constexpr Duration by_neighbours = 30s;       // LAN alone: ten seconds, and some for a start
constexpr Duration by_server = 60s;           // a link waits half a minute at most
constexpr Duration after_twins = 6min + 30s;  // who was thrown out waits five minutes and a quarter

class LongRun : public ::testing::Test {
 protected:
  static double number(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atof(text) : otherwise;
  }

  void build() {
    world.open_town();
    for (const auto* prefix : {"10.1.0", "10.2.0", "8.8.4"}) {
      const auto lan = world.add_lan(prefix);
      world.add_peer(lan);
      world.add_peer(lan);
      lans = lan + 1;
    }
    world.add_peer(0);
    peers = world.size();
    twins.assign(peers, 0);
  }

  std::uint64_t below(std::uint64_t bound) { return world.rt.random_below(bound); }
  std::size_t some_peer() { return below(peers); }
  Duration between(Duration least, Duration most) {
    return least + Duration(below(static_cast<std::uint64_t>((most - least).count())));
  }

  // --- what can go wrong ---

  Trouble network_outage() {
    const auto lan = below(lans);
    world.begin_outage(lan);
    return {"outage of a network", [this, lan] { world.end_outage(lan); }, by_server};
  }
  Trouble pair_outage() {
    const auto a = some_peer(), b = (a + 1 + below(peers - 1)) % peers;
    world.begin_outage(a, b);
    return {"outage between two", [this, a, b] { world.end_outage(a, b); }, by_neighbours};
  }
  Trouble server_away() {
    world.shut_town();
    return {"server away", [this] { world.open_town(); }, by_server};
  }
  Trouble wrong_clock() {
    const auto peer = some_peer();
    const auto seconds = static_cast<std::int64_t>(below(2 * 86'400)) - 86'400;
    world.set_clock(peer, std::chrono::seconds(seconds));
    return {"wrong clock", [this, peer] { world.set_clock(peer, 0ms); }, by_server};
  }
  Trouble full_disk() {
    disk.fail({.calls = testing::full_disk, .error = ENOSPC, .below = world.folder(some_peer())});
    return {"full disk", [this] { disk.heal(); }, by_neighbours, true};  // nobody starts on one
  }
  Trouble new_address() {
    const auto peer = some_peer();
    world.move(peer);
    return {"new address", [] {}, by_server};
  }
  Trouble new_addresses() {
    const auto lan = below(lans);
    for (std::size_t i = 0; i < peers; ++i) {
      if (world.lan_of(i) == lan) world.move(i);
    }
    return {"new addresses for all", [] {}, by_server};
  }
  Trouble crash() {
    const auto peer = some_peer();
    world.crash(peer);
    return {"crash", [this, peer] { world.start(peer); }, by_server};
  }
  Trouble restart() {
    const auto peer = some_peer();
    world.stop(peer);
    return {"stop", [this, peer] { world.start(peer); }, by_server};
  }
  Trouble twin() {
    const auto of = some_peer();
    auto& place = twins[of];
    if (place == 0) {
      place = world.add_twin(of, below(lans));
    } else {
      world.start(place);
    }
    const bool crashes = below(2) == 0;
    return {"twin", [this, place, crashes] { crashes ? world.crash(place) : world.stop(place); },
            after_twins};
  }

  // As from a deck of cards, so that each comes before any comes again.
  Trouble draw() {
    using Kind = Trouble (LongRun::*)();
    constexpr std::array<Kind, kinds> all{&LongRun::network_outage, &LongRun::pair_outage,
                                          &LongRun::server_away,    &LongRun::wrong_clock,
                                          &LongRun::full_disk,      &LongRun::new_address,
                                          &LongRun::new_addresses,  &LongRun::crash,
                                          &LongRun::restart,        &LongRun::twin};
    if (deck.empty()) {
      for (std::size_t i = 0; i < all.size(); ++i) deck.push_back(i);
    }
    const auto card = deck.begin() + static_cast<std::ptrdiff_t>(below(deck.size()));
    auto trouble = (this->*all[*card])();
    deck.erase(card);
    ++drawn[trouble.name];
    return trouble;
  }

  // Up to three at once, ended one after the other in any order; then all see each other.
  ::testing::AssertionResult one_round() {
    std::vector<Trouble> troubles;
    std::string names;
    for (auto left = 1 + below(3); left > 0; --left) {
      troubles.push_back(draw());
      names += names.empty() ? troubles.back().name : " + " + troubles.back().name;
      world.rt.run_for(between(0s, 30s));
    }
    world.rt.run_for(between(5s, 4min));
    Duration settle = by_neighbours;
    while (!troubles.empty()) {
      auto at = std::ranges::find(troubles, true, &Trouble::ends_first);
      if (at == troubles.end()) {
        at = troubles.begin() + static_cast<std::ptrdiff_t>(below(troubles.size()));
      }
      at->end();
      settle = std::max(settle, at->settle);
      troubles.erase(at);
      world.rt.run_for(between(0s, 20s));
    }
    world.rt.run_for(settle);
    const auto unseen = world.unseen();
    if (unseen.empty()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "after " << names << ":\n" << unseen;
  }

  const double hours = number("GOOP_LONG_RUN_HOURS", 0.5);
  const std::uint64_t seed = static_cast<std::uint64_t>(number("GOOP_LONG_RUN_SEED", 1));
  PeerWorld world{seed};
  testing::SystemFaults disk;
  std::size_t lans = 0, peers = 0;
  std::vector<std::size_t> twins;  // of each peer; 0: none was made yet
  static constexpr std::size_t kinds = 10;
  std::vector<std::size_t> deck;
  std::map<std::string, int> drawn;
};

TEST_F(LongRun, whatever_went_wrong_all_see_each_other_when_it_is_over) {
  build();
  world.rt.run_for(by_server);
  ASSERT_EQ(world.unseen(), "");
  const auto end = world.rt.now() + std::chrono::duration_cast<Duration>(
                                        std::chrono::duration<double, std::ratio<3600>>(hours));
  int rounds = 0;
  for (; world.rt.now() < end; ++rounds) {
    ASSERT_TRUE(one_round()) << "seed " << seed << ", round " << rounds;
  }
  fmt::print("{} h of virtual time, seed {}, {} rounds:", hours, seed, rounds);
  for (const auto& [name, count] : drawn) fmt::print(" {} × {},", count, name);
  fmt::print("\n");
  EXPECT_GE(rounds, 3);
  if (hours >= 1) EXPECT_EQ(drawn.size(), kinds);
}

}  // namespace
}  // namespace goop::sim
