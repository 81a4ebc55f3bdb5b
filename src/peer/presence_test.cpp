// Whole peers on one local network: they find each other, see each other come and go.
#include <gtest/gtest.h>

#include "peer/avatar.h"
#include "peer/peer.h"
#include "peer/presence/limits.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_lan.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer {
namespace {

using presence::KnownPeer;
using presence::Proof;

// A classroom: every peer on one network, each with a folder of its own.
class Classroom {
 public:
  ~Classroom() {
    for (std::size_t i = 0; i < peers_.size(); ++i) stop(i);
  }

  std::size_t enter(std::string label) {
    const auto number = peers_.size();
    const auto address = fmt::format("10.0.0.{}", number + 1);
    auto& machine = internet.add_host(address);
    machines.push_back(&machine);
    lan.attach(machine, {address + "/24"});
    const auto path = root_.path() / std::to_string(number);
    setup::StarterOptions options{.label = std::move(label), .now = rt.wall(), .fresh = {}};
    rt.random(options.fresh.mut());
    PeerOptions made{path, or_raise(setup::prepare_folder(path, options)), "goop2/test"};
    peers_.push_back(std::make_unique<Peer>(rt, machine, std::move(made)));
    rt.wait(peers_.back()->start());
    return number;
  }
  void stop(std::size_t number) {
    if (!peers_[number]) return;
    rt.wait(peers_[number]->stop(Deadline::after(rt.now(), 3s)));
    peers_[number].reset();
  }

  Peer& operator[](std::size_t number) { return *peers_[number]; }
  const KnownPeer* sees(std::size_t viewer, const p2p::PeerId& peer) {
    return peers_[viewer]->presence().find(peer);
  }
  bool sees_online(std::size_t viewer, const p2p::PeerId& peer) {
    const auto* row = sees(viewer, peer);
    return row != nullptr && row->online;
  }

  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimLan lan{internet};
  std::vector<sim::SimHost*> machines;

 private:
  testing::TempFolder root_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

TEST(PeerPresence, TwoPeersOnOneNetworkSeeEachOtherWithinASecond) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj");
  room.rt.run_for(1s);
  ASSERT_TRUE(room.sees_online(mira, room[kaj].id()));
  ASSERT_TRUE(room.sees_online(kaj, room[mira].id()));
  room.rt.run_for(5s);
  const auto* row = room.sees(mira, room[kaj].id());
  EXPECT_EQ(row->label, "Kaj");
  EXPECT_EQ(row->proof, Proof::signature);
  EXPECT_TRUE(row->reachable);
  EXPECT_TRUE(row->is_known_by(presence::Channel::gossip));
  EXPECT_EQ(row->client_version, "test");
  EXPECT_FALSE(row->encryption_supported);
}

TEST(PeerPresence, WhoStopsIsGoneAtOnce) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj");
  room.rt.run_for(6s);
  const auto id = room[kaj].id();
  const auto before = room.rt.now();
  room.stop(kaj);
  EXPECT_LE(room.rt.now() - before, 1s);
  room.rt.run_for(200ms);
  ASSERT_NE(room.sees(mira, id), nullptr);
  EXPECT_FALSE(room.sees_online(mira, id));
}

TEST(PeerPresence, WhoStopsWaitsUntilNeighboursHaveHeardOrAMoment) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj"), lea = room.enter("Lea");
  room.rt.run_for(6s);
  const auto stopping_time = [&](std::size_t number) {
    const auto before = room.rt.now();
    room.stop(number);
    return room.rt.now() - before;
  };
  EXPECT_LT(stopping_time(lea), presence::limits::heard_time);
  room.internet.partition(*room.machines[mira], *room.machines[kaj]);
  const auto unheard = stopping_time(kaj);
  EXPECT_GE(unheard, presence::limits::heard_time);
  EXPECT_LT(unheard, 1s);
}

TEST(PeerPresence, WhoAppearsOfflineIsShownSoThoughConnected) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj");
  room.rt.run_for(6s);
  const auto id = room[kaj].id();
  room[kaj].presence().appear(presence::Announcer::Appear::offline);
  room.rt.run_for(1s);
  EXPECT_FALSE(room.sees_online(mira, id));
  room.rt.run_for(1min);
  EXPECT_FALSE(room.sees_online(mira, id));
  room[kaj].presence().appear(presence::Announcer::Appear::online);
  room.rt.run_for(1s);
  EXPECT_TRUE(room.sees_online(mira, id));
}

TEST(PeerPresence, AFavouriteIsRememberedOverARestart) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj");
  room.rt.run_for(6s);
  auto& here = room[mira].presence();
  EXPECT_TRUE(here.set_favourite(room[kaj].id(), presence::PeerTable::Favourite::yes));
  EXPECT_TRUE(room.sees(mira, room[kaj].id())->favourite);
  EXPECT_TRUE(room[mira].known().find(room[kaj].id())->favorite);
  EXPECT_GT(room[mira].known().find(room[kaj].id())->signed_ts, 0);
  EXPECT_EQ(here.set_favourite(p2p::PeerId(), presence::PeerTable::Favourite::yes).error().code,
            Errc::not_found);
}

TEST(PeerPresence, TwentyPeersAllSeeEachOtherAndWhoLeaves) {
  Classroom room;
  constexpr std::size_t size = 20;
  for (std::size_t i = 0; i < size; ++i) room.enter(fmt::format("Pupil {}", i));
  room.rt.run_for(10s);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      if (i == j) continue;
      const auto* row = room.sees(i, room[j].id());
      ASSERT_NE(row, nullptr);
      EXPECT_TRUE(row->online);
      EXPECT_EQ(row->proof, Proof::signature);
      EXPECT_EQ(row->label, fmt::format("Pupil {}", j));
    }
    EXPECT_EQ(room[i].presence().snapshot().size(), size - 1);
  }
  const auto id = room[7].id();
  room.stop(7);
  room.rt.run_for(200ms);
  for (std::size_t i = 0; i < size; ++i) {
    if (i != 7) EXPECT_FALSE(room.sees_online(i, id)) << i;
  }
}

Task<std::string> ask_avatar(p2p::Host& host, p2p::PeerId peer, Deadline by) {
  std::vector<p2p::ProtocolId> wanted = {avatar_protocol};
  p2p::OpenOptions options{.by = by};
  auto stream = co_await host.open(peer, wanted, options);
  const auto bytes = co_await stream.fill(by);
  co_return to_text(bytes);
}

TEST(PeerPresence, ThereIsNoAvatarYet) {
  Classroom room;
  const auto mira = room.enter("Mira"), kaj = room.enter("Kaj");
  room.rt.run_for(1s);
  const auto by = Deadline::after(room.rt.now(), 5s);
  EXPECT_EQ(room.rt.wait(ask_avatar(room[mira].host(), room[kaj].id(), by)), "NONE\n");
}

}  // namespace
}  // namespace goop::peer
