// Several links at once.
#include "peer/links/links.h"

#include <gmock/gmock.h>

#include "base/log.h"
#include "peer/links/limits.h"
#include "peer/links/scripted_server_test_kit.h"
#include "testing/sim/sim_lan.h"

namespace goop::peer::links {
namespace {

struct LinksTest : ::testing::Test {
  ~LinksTest() override {
    if (links) rt.wait(links->stop(Deadline::after(rt.now(), 1s)));
  }
  void start(const std::vector<std::string>& urls) {
    std::vector<net::http::HttpUrl> servers;
    for (const auto& url : urls) servers.push_back(*net::http::HttpUrl::parse(url));
    Links::Out out;
    out.heard = [this](const Server& from, const wire::PresenceMessage& message) -> Result<void> {
      heard.push_back(from.url);
      verified = message.verified;
      return {};
    };
    out.still_here = [](const std::vector<p2p::PeerId>&) {};
    out.gone = [this](const std::vector<p2p::PeerId>& peers) { gone = peers; };
    out.wanted = [] {};
    out.add_registration = [](wire::PresenceMessage& message) {
      message.verification_token = "token";
      message.registration_email = "nora@example.org";
    };
    links = std::make_unique<Links>(rt, here, tls, id_of(1), std::move(servers), std::move(out));
    links->start();
    rt.run_for(1s);
  }
  void publish() {
    wire::Presence presence;
    presence.peer = id_of(1);
    presence.ts = to_ms(rt.wall());
    links->publish(wire::sign_presence(key_of(1), presence));
    rt.run_for(1s);
  }
  Phase phase(std::size_t link) const { return links->status()[link].phase; }

  sim::SimRuntime rt{17};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& town_host = internet.add_host("198.51.100.7");
  sim::SimHost& village_host = internet.add_host("198.51.100.8");
  net::tls::Context tls{rt};
  ScriptedServer town{rt, town_host}, village{rt, village_host};
  std::vector<std::string> heard;
  bool verified = false;  // what was last heard
  std::vector<p2p::PeerId> gone;
  std::unique_ptr<Links> links;
};

TEST_F(LinksTest, all_servers_are_told_and_one_that_is_away_delays_none) {
  auto& desert_host = internet.add_host("198.51.100.9");
  internet.partition(desert_host, here);
  start({"http://198.51.100.7", "http://198.51.100.9", "http://198.51.100.8"});
  publish();
  EXPECT_EQ(town.frames.size(), 1u);
  EXPECT_EQ(village.frames, town.frames);
  EXPECT_FALSE(is_up(phase(1)));
  const auto since = rt.now();
  rt.wait(links->flush(Deadline::after(rt.now(), 1s)));
  EXPECT_EQ(rt.now(), since);
}

TEST_F(LinksTest, the_log_tells_each_turn_and_not_each_try) {
  const auto before = log::recent();
  const auto since = before.empty() ? 0 : before.back().number;
  town.socket_status = town.events_status = 404;
  town.refusal = "<html>\nNothing here";
  start({"http://198.51.100.7"});
  rt.run_for(60s);
  town.socket_status = town.events_status = 0;
  rt.run_for(60s);
  ASSERT_TRUE(is_up(phase(0)));
  rt.wait(links->stop(Deadline::after(rt.now(), 1s)));
  links.reset();
  std::vector<std::string> told;
  for (const auto& line : log::recent(since)) told.push_back(line.text);
  EXPECT_THAT(told, ::testing::ElementsAre(
                        "server.away url=http://198.51.100.7 error=\"event stream refused: 404\"",
                        "server.connected url=http://198.51.100.7 by=websocket"));
}

TEST_F(LinksTest, a_server_that_registers_is_told_the_token_outside_of_the_signed_part) {
  town.offers_registration = true;
  start({"http://198.51.100.7"});
  publish();
  const auto message = wire::parse_presence(town.frames.at(0));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->verification_token, "token");
  EXPECT_EQ(message->registration_email, "nora@example.org");
  EXPECT_TRUE(wire::check_signature(*message));
}

TEST_F(LinksTest, a_server_that_does_not_register_is_told_neither_token_nor_address) {
  town.offers_registration = true;
  start({"http://198.51.100.7", "http://198.51.100.8"});
  publish();
  publish();
  EXPECT_NE(town.frames.at(1).find("token"), std::string::npos);
  EXPECT_EQ(village.frames.at(1).find("token"), std::string::npos);
  EXPECT_EQ(village.frames.at(1).find("nora@"), std::string::npos);
  EXPECT_EQ(village.capabilities_asked, 1);  // once for each connection
}

std::string verified_text(std::int64_t ts) {
  auto text = presence_text(2, ts);
  text.insert(text.size() - 1, R"(,"verified":true)");
  return text;
}

TEST_F(LinksTest, only_a_server_that_registers_vouches_for_anybody) {
  village.offers_registration = true;
  start({"http://198.51.100.7", "http://198.51.100.8"});
  town.say(verified_text(1));
  rt.run_for(1s);
  EXPECT_FALSE(verified);
  village.say(verified_text(2));
  rt.run_for(1s);
  EXPECT_TRUE(verified);
  town.say(verified_text(3));
  rt.run_for(1s);
  EXPECT_FALSE(verified);
  EXPECT_EQ(town.capabilities_asked, 1);
  EXPECT_EQ(heard.size(), 3u);
}

TEST_F(LinksTest, a_server_that_cannot_say_is_asked_again_after_a_while) {
  town.offers_registration = true;
  town.capabilities_status = 503;
  start({"http://198.51.100.7"});
  for (int i = 1; i <= 5; ++i) town.say(verified_text(i));
  rt.run_for(1s);
  EXPECT_FALSE(verified);
  EXPECT_EQ(town.capabilities_asked, 1);
  town.capabilities_status = 200;
  rt.run_for(limits::ask_pause);
  town.say(verified_text(6));
  rt.run_for(1s);
  EXPECT_TRUE(verified);
}

TEST_F(LinksTest, where_a_server_cannot_say_it_is_asked_again) {
  town.offers_registration = true;
  town.capabilities_status = 503;
  start({"http://198.51.100.7"});
  publish();
  EXPECT_EQ(town.frames.at(0).find("token"), std::string::npos);
  town.capabilities_status = 200;
  publish();
  EXPECT_NE(town.frames.at(1).find("token"), std::string::npos);
  town.hang_up();
  town.capabilities_status = 404;  // an old server in its place
  rt.run_for(2s);
  publish();
  EXPECT_EQ(town.frames.at(2).find("token"), std::string::npos);
}

TEST_F(LinksTest, a_peer_is_gone_when_no_server_names_it_any_more) {
  start({"http://198.51.100.7", "http://198.51.100.8"});
  for (auto* server : {&town, &village}) {
    server->mark("snapshot");
    server->say(presence_text(2, 5));
    server->mark("ready", "B-1");
  }
  EXPECT_EQ(heard, (std::vector<std::string>{"http://198.51.100.7", "http://198.51.100.8"}));
  town.mark("snapshot");
  town.mark("ready", "B-2");
  EXPECT_TRUE(gone.empty());
  village.mark("snapshot");
  village.mark("ready", "B-2");
  EXPECT_EQ(gone, std::vector{id_of(2)});
}

TEST_F(LinksTest, a_network_that_comes_back_is_noticed_at_once) {
  internet.partition(here, town_host);
  start({"http://198.51.100.7"});
  rt.run_for(10min);
  EXPECT_FALSE(is_up(phase(0)));
  while (phase(0) != Phase::waiting ||
         *links->status()[0].next_try - rt.wall() < 3s) {  // not by chance
    rt.run_for(500ms);
  }
  internet.heal(here, town_host);
  sim::SimLan cable(internet);
  cable.attach(here, {"10.0.0.5/8"});
  rt.run_for(1s);
  EXPECT_EQ(phase(0), Phase::socket);
}

TEST(Links, the_servers_are_the_hosted_one_and_the_configured_one) {
  setup::Config config{};
  config.presence.rendezvous_port = 8787;
  config.presence.rendezvous_bind = "0.0.0.0";
  EXPECT_TRUE(Links::servers_of(config).empty());
  config.presence.rendezvous_host = true;
  config.presence.rendezvous_wan = "https://goop.example/town/";
  auto servers = Links::servers_of(config);
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].text(), "http://127.0.0.1:8787/");
  EXPECT_EQ(servers[1].text(), "https://goop.example/town/");
  config.presence.rendezvous_bind = "::";
  EXPECT_EQ(Links::servers_of(config)[0].text(), "http://127.0.0.1:8787/");
  config.presence.rendezvous_bind = "192.0.2.1";
  config.presence.rendezvous_wan = "http://192.0.2.1:8787";
  servers = Links::servers_of(config);
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].host(), "192.0.2.1");
  config.presence.rendezvous_wan = "not an address";
  EXPECT_EQ(Links::servers_of(config).size(), 1u);
}

}  // namespace
}  // namespace goop::peer::links
