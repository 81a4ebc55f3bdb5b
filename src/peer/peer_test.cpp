// Whole peers over a simulated network, each with a real folder.
#include "peer/peer.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer {
namespace {

// One machine with one peer folder, started and stopped at will.
struct Home {
  Home(sim::SimRuntime& runtime, sim::SimInternet& internet, std::string address, std::string name)
      : rt(runtime), machine(internet.add_host(address)), path(root.path() / name) {}
  ~Home() { stop(); }

  void start() {
    const std::array<setup::StarterFile, 1> site = {
        setup::StarterFile{"index.html", as_bytes("<h1>at home</h1>")}};
    setup::StarterOptions options{
        .label = path.filename().string(), .site = site, .now = rt.wall(), .fresh = {}};
    rt.random(options.fresh.mut());
    PeerOptions made{path, or_raise(setup::prepare_folder(path, options)), "goop2/test"};
    peer = std::make_unique<Peer>(rt, machine, std::move(made));
    rt.wait(peer->start());
  }
  void stop() {
    if (!peer) return;
    rt.wait(peer->stop(Deadline::after(rt.now(), 3s)));
    peer.reset();
  }
  std::string address() { return peer->addresses().front().with_peer(peer->id()).to_string(); }

  sim::SimRuntime& rt;
  sim::SimHost& machine;
  testing::TempFolder root;
  std::filesystem::path path;
  std::unique_ptr<Peer> peer;
};

struct World {
  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  Home mira{rt, internet, "10.0.0.1", "Mira"};
  Home kaj{rt, internet, "10.0.0.2", "Kaj"};
};

Task<std::string> fetch(Peer& by, p2p::PeerId owner, std::string path, Deadline until) {
  auto source = by.site(owner);
  site::SiteRequest request;
  request.path = or_raise(wire::SitePath::parse(path));
  auto reply = or_raise(co_await source->get(std::move(request), until));
  std::string text;
  for (;;) {
    const auto part = co_await reply.body->next(until);
    if (part.empty()) co_return text;
    text += as_text(part);
  }
}

TEST(Peer, AVisitorSeesTheSiteOfAnother) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = world.kaj.peer->learn(world.mira.address());
  ASSERT_TRUE(mira);
  const auto by = Deadline::after(world.rt.now(), 10s);
  EXPECT_EQ(world.rt.wait(fetch(*world.kaj.peer, *mira, "/", by)), "<h1>at home</h1>");
  EXPECT_EQ(world.rt.wait(fetch(*world.mira.peer, *mira, "/", by)), "<h1>at home</h1>");
}

TEST(Peer, ConnectedPeersLearnEachOthersLabels) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->visit(mira);
  world.rt.run_for(5s);
  ASSERT_TRUE(world.kaj.peer->known().find(mira));
  EXPECT_EQ(world.kaj.peer->known().find(mira)->content, "Mira");
  EXPECT_EQ(world.mira.peer->known().find(world.kaj.peer->id())->content, "Kaj");
}

TEST(Peer, StoppingLeavesNothingBehind) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s)));
  const auto before = world.rt.now();
  world.kaj.stop();
  world.mira.stop();
  EXPECT_LT(world.rt.now() - before, 1s);
  EXPECT_EQ(world.rt.timers().size(), 0u);
}

TEST(Peer, AKeptPeerIsDialledAgainWhenItComesBack) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->keep(mira);
  world.rt.run_for(5s);
  ASSERT_TRUE(world.kaj.peer->host().connected(mira));
  world.mira.stop();
  world.rt.run_for(1min);
  EXPECT_FALSE(world.kaj.peer->host().connected(mira));
  // A port of its own choice would be another one now; the signed record tells it at the meeting.
  world.mira.start();
  world.kaj.peer->learn(world.mira.address());
  world.rt.run_for(2min);
  EXPECT_TRUE(world.kaj.peer->host().connected(mira));
}

TEST(Peer, RemembersPeersOverARestart) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s)));
  world.rt.run_for(10s);
  world.kaj.stop();
  world.kaj.start();
  ASSERT_TRUE(world.kaj.peer->learn(mira.to_string()));
  EXPECT_EQ(world.rt.wait(fetch(*world.kaj.peer, mira, "/", Deadline::after(world.rt.now(), 10s))),
            "<h1>at home</h1>");
  EXPECT_EQ(world.kaj.peer->known().find(mira)->addresses.size(), 1u);
}

TEST(Peer, ABareIdThatNobodyKnowsIsNotFound) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto learned = world.kaj.peer->learn(world.mira.peer->id().to_string());
  ASSERT_FALSE(learned);
  EXPECT_EQ(learned.error().code, Errc::not_found);
  EXPECT_EQ(world.kaj.peer->learn("nonsense").error().code, Errc::invalid);
}

TEST(Peer, VisitsAreRememberedOverARestart) {
  World world;
  world.mira.start();
  world.kaj.start();
  const auto mira = *world.kaj.peer->learn(world.mira.address());
  EXPECT_FALSE(world.kaj.peer->visited(mira));
  world.kaj.peer->visit(mira);
  EXPECT_TRUE(world.kaj.peer->visited(mira));
  world.rt.run_for(1s);
  EXPECT_TRUE(world.kaj.peer->host().connected(mira));
  world.kaj.stop();
  world.kaj.start();
  EXPECT_TRUE(world.kaj.peer->visited(mira));
}

TEST(Peer, ANewLabelIsTakenOverWhileRunningAndABrokenFileIsNot) {
  World world;
  world.mira.start();
  EXPECT_EQ(world.mira.peer->label(), "Mira");
  const auto& folder = world.mira.peer->folder();
  ASSERT_TRUE(
      folder.write_atomic("goop.json", as_bytes(R"({"profile": {"label": "Mimi"}})"), 0600));
  world.rt.run_for(5s);
  EXPECT_EQ(world.mira.peer->label(), "Mimi");
  ASSERT_TRUE(folder.write_atomic("goop.json", as_bytes(R"({"profile": {"label": 7)"), 0600));
  world.rt.run_for(5s);
  EXPECT_EQ(world.mira.peer->label(), "Mimi");
}

TEST(Peer, TheNumberOfItsRecordNeverGoesBack) {
  World world;
  world.mira.start();
  world.kaj.start();
  (void)world.kaj.peer->learn(world.mira.address());
  world.kaj.peer->visit(world.mira.peer->id());
  world.rt.run_for(5s);
  const auto before = world.mira.peer->host().record_seq();
  EXPECT_GT(before, 0u);
  world.mira.stop();
  world.mira.start();
  world.kaj.peer->visit(world.mira.peer->id());
  EXPECT_GE(world.mira.peer->host().record_seq(), before);
}

}  // namespace
}  // namespace goop::peer
