// What the tests of whole peers share: machines of a simulated internet, each with a real folder.
#pragma once

#include "peer/peer.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/faulty_network.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer {

// One machine with one peer folder, started and stopped at will.
struct Home {
  Home(sim::SimRuntime& runtime, sim::SimInternet& internet, std::string address, std::string name)
      : rt(runtime),
        machine(internet.add_host(address)),
        network(machine),
        path(root.path() / name) {}
  ~Home() { stop(); }

  void start() {
    const std::array<setup::StarterFile, 1> site = {
        setup::StarterFile{"index.html", as_bytes("<h1>at home</h1>")}};
    setup::StarterOptions options{
        .label = path.filename().string(), .site = site, .now = rt.wall(), .fresh = {}};
    rt.random(options.fresh.mut());
    PeerOptions made{path, or_raise(setup::prepare_folder(path, options)), "goop2/test"};
    peer = std::make_unique<Peer>(rt, network, std::move(made));
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
  sim::FaultyNetwork network;  // of that machine
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

inline Task<std::string> fetch(Peer& by, p2p::PeerId owner, std::string path, Deadline until) {
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

}  // namespace goop::peer
