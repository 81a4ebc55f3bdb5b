// Peers' links to the real rendezvous server, in one simulated internet and in virtual time.
#include "peer/links/links.h"
#include "peer/links/scripted_server_test_kit.h"
#include "rendezvous/server.h"
#include "testing/files/temp_folder.h"

namespace goop::peer::links {
namespace {

using wire::PresenceType;

// A peer with its links: announces like one, too.
struct Member {
  Member(sim::SimRuntime& runtime, sim::SimHost& host, std::uint8_t seed,
         const std::vector<std::string>& urls)
      : rt(runtime), key(key_of(seed)), id(id_of(seed)), tls(runtime) {
    std::vector<net::http::HttpUrl> servers;
    for (const auto& url : urls) servers.push_back(*net::http::HttpUrl::parse(url));
    Links::Out out;
    out.heard = [this](const Server& from, const wire::PresenceMessage& message) -> Result<void> {
      if (message.presence.peer != id) heard.emplace_back(from.url, message);
      return {};
    };
    out.still_here = [this](const std::vector<p2p::PeerId>& peers) { still_here = peers; };
    out.gone = [this](const std::vector<p2p::PeerId>& peers) { gone = peers; };
    out.wanted = [this] { announce(); };
    links = std::make_unique<Links>(runtime, host, tls, id, std::move(servers), std::move(out));
  }
  ~Member() { stop(); }

  void start() {
    announce(PresenceType::online);
    links->start();
    tasks = std::make_unique<sim::SimScope>(rt);
    tasks->spawn(heartbeat());
  }
  void stop() {
    tasks.reset();
    rt.wait(links->stop(Deadline::after(rt.now(), 1s)));
  }
  Task<> heartbeat() {
    for (;;) {
      co_await rt.sleep_for(5s);
      announce();
    }
  }
  void announce(PresenceType type = PresenceType::update) {
    wire::Presence presence;
    presence.type = type;
    presence.peer = id;
    presence.label = label;
    presence.ts = ts = std::max(to_ms(rt.wall()), ts + 1);
    links->publish(wire::sign_presence(key, presence));
  }
  bool heard_of(const p2p::PeerId& peer, PresenceType type = PresenceType::update) const {
    return std::ranges::any_of(heard, [&](const auto& each) {
      const auto& said = each.second.presence;
      return said.peer == peer &&
             (said.type == PresenceType::offline) == (type == PresenceType::offline);
    });
  }
  Phase phase(std::size_t link = 0) const { return links->status()[link].phase; }

  sim::SimRuntime& rt;
  p2p::KeyPair key;
  p2p::PeerId id;
  net::tls::Context tls;
  std::string label = "Nora";
  std::int64_t ts = 0;
  std::vector<std::pair<std::string, wire::PresenceMessage>> heard;
  std::vector<p2p::PeerId> still_here, gone;
  std::unique_ptr<Links> links;
  std::unique_ptr<sim::SimScope> tasks;
};

bool reminds(const Member& member, const p2p::PeerId& of) {
  return std::ranges::find(member.still_here, of) != member.still_here.end();
}

struct RendezvousTown : ::testing::Test {
  RendezvousTown() {
    internet.set_name("town.example", {town_host.address()});
    open();
  }
  ~RendezvousTown() override { shut(); }
  void open(rendezvous::Options options = {}) {
    options.bind = {town_host.address(), 80};
    town = std::make_unique<rendezvous::Server>(rt, town_host, options);
    rt.wait(town->start());
  }
  void shut() {
    if (!town) return;
    rt.wait(town->stop(Deadline::after(rt.now(), 1s)));
    town.reset();
  }

  sim::SimRuntime rt{13};
  sim::SimInternet internet{rt};
  sim::SimHost& town_host = internet.add_host("198.51.100.7");
  sim::SimHost& nora_host = internet.add_host("192.0.2.1");
  sim::SimHost& ben_host = internet.add_host("192.0.2.2");
  std::unique_ptr<rendezvous::Server> town;
  const std::vector<std::string> at_town = {"http://town.example"};
};

TEST_F(RendezvousTown, two_peers_find_each_other_through_the_real_server) {
  Member nora(rt, nora_host, 1, at_town), ben(rt, ben_host, 2, at_town);
  nora.start();
  rt.run_for(3s);
  EXPECT_EQ(nora.phase(), Phase::socket);
  EXPECT_TRUE(nora.links->all()[0]->delta());
  ben.start();
  rt.run_for(3s);
  EXPECT_TRUE(nora.heard_of(ben.id));
  EXPECT_TRUE(ben.heard_of(nora.id));
  for (const auto& [url, message] : nora.heard) EXPECT_TRUE(wire::check_signature(message));

  // Quiet as the delta stream is, who is here is not forgotten.
  const auto heard = nora.heard.size();
  rt.run_for(2min);
  EXPECT_EQ(nora.heard.size(), heard);
  EXPECT_TRUE(reminds(nora, ben.id));

  ben.announce(PresenceType::offline);
  ben.tasks.reset();
  rt.wait(ben.links->flush(Deadline::after(rt.now(), 1s)));
  rt.run_for(200ms);
  EXPECT_TRUE(nora.heard_of(ben.id, PresenceType::offline));
}

TEST_F(RendezvousTown, a_registration_that_is_switched_on_is_heard_within_a_heartbeat) {
  testing::TempFolder folder;
  rendezvous::Options options;
  options.peer_db = folder / "peers.db";  // which still has her when the server is back
  shut();
  open(options);
  Member nora(rt, nora_host, 1, at_town);
  nora.start();
  rt.run_for(1min);
  EXPECT_EQ(nora.links->status()[0].error, "");
  shut();
  options.registration.required = true;
  open(options);
  rt.run_for(1s);
  while (nora.phase() == Phase::waiting) rt.run_for(1s);
  rt.run_for(6s);
  EXPECT_EQ(nora.links->status()[0].error,
            "not shown to others: register at http://town.example/register");
  shut();
}

TEST_F(RendezvousTown, a_restart_of_the_real_server_is_lived_through) {
  Member nora(rt, nora_host, 1, at_town), ben(rt, ben_host, 2, at_town);
  nora.start();
  ben.start();
  rt.run_for(1min);
  shut();
  rt.run_for(1min);
  EXPECT_EQ(nora.phase(), Phase::waiting);
  nora.heard.clear();
  open();
  rt.run_for(limits::back_off_most + 5s);
  EXPECT_EQ(nora.phase(), Phase::socket);
  EXPECT_EQ(ben.phase(), Phase::socket);
  EXPECT_TRUE(nora.heard_of(ben.id));
}

TEST_F(RendezvousTown, who_broke_off_without_a_word_is_told_gone) {
  Member nora(rt, nora_host, 1, at_town), ben(rt, ben_host, 2, at_town);
  nora.start();
  ben.start();
  rt.run_for(1min);
  internet.partition(ben_host, town_host);
  rt.run_for(1min);
  EXPECT_TRUE(nora.heard_of(ben.id, PresenceType::offline));
  EXPECT_FALSE(reminds(nora, ben.id));
  EXPECT_EQ(nora.gone, std::vector{ben.id});
  nora.heard.clear();
  internet.heal(ben_host, town_host);
  rt.run_for(1min);
  EXPECT_TRUE(nora.heard_of(ben.id));
}

TEST_F(RendezvousTown, all_servers_are_told_and_one_that_is_away_delays_none) {
  auto& village_host = internet.add_host("198.51.100.8");
  ScriptedServer village(rt, village_host);
  auto& desert_host = internet.add_host("198.51.100.9");
  internet.partition(desert_host, nora_host);
  Member nora(rt, nora_host, 1,
              {"http://198.51.100.8", "http://198.51.100.9", "http://town.example"});
  nora.start();
  rt.run_for(3s);
  EXPECT_EQ(nora.phase(0), Phase::socket);
  EXPECT_FALSE(is_up(nora.phase(1)));
  EXPECT_EQ(nora.phase(2), Phase::socket);
  EXPECT_FALSE(village.frames.empty());
  EXPECT_TRUE(town->board().find(nora.id));

  // Gone at one server, but not at the other.
  village.mark("snapshot");
  village.say(presence_text(2, 5));
  village.say(presence_text(7, 5));
  village.mark("ready", "B-1");
  Member ben(rt, ben_host, 2, at_town);
  ben.start();
  rt.run_for(3s);
  village.mark("snapshot");
  village.mark("ready", "B-2");
  EXPECT_EQ(nora.gone, std::vector{id_of(7)});

  nora.announce(PresenceType::offline);
  const auto since = rt.now();
  rt.wait(nora.links->flush(Deadline::after(rt.now(), 1s)));
  EXPECT_LE(rt.now() - since, 200ms);
  rt.run_for(100ms);
  EXPECT_FALSE(town->board().find(nora.id));
  nora.stop();
}

TEST_F(RendezvousTown, tells_each_change_of_a_status) {
  Member nora(rt, nora_host, 1, at_town);
  std::uint64_t cursor = 0;
  nora.start();
  rt.run_for(1s);
  std::size_t changes = 0;
  while (nora.links->changes().next(cursor).event) ++changes;
  EXPECT_GE(changes, 2u);
  EXPECT_LE(changes, 6u);
  rt.run_for(5min);
  EXPECT_EQ(nora.links->changes().next(cursor).read, Feed<LinkChanged>::Read::none);
  shut();
  rt.run_for(1s);
  EXPECT_EQ(nora.links->changes().next(cursor).event->url, "http://town.example");
  EXPECT_EQ(nora.links->status()[0].url, "http://town.example");
}

}  // namespace
}  // namespace goop::peer::links
