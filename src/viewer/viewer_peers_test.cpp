// Who is here, and the own profile: what the routes take, refuse and say.
#include "base/json.h"
#include "net/http/sse.h"
#include "viewer/limits.h"
#include "viewer/viewer_test_kit.h"

namespace goop::viewer {
namespace {

using Channel = peer::presence::Channel;
using peer::presence::Proof;

KnownPeerView kaj() {
  KnownPeerView view;
  view.known.id = other;
  view.known.label = "<b>Kaj</b>";
  view.known.online = view.known.connected = view.known.reachable = true;
  view.known.proof = Proof::signature;
  view.known.known_by = static_cast<std::uint8_t>(Channel::gossip);
  view.known.last_seen = WallTime(1767225600000ms);
  view.address = "/ip4/192.0.2.9/tcp/1";
  return view;
}

std::vector<net::http::ServerEvent> read_events(ViewerTest& test, std::string_view after,
                                                std::size_t count) {
  net::http::ClientRequest request;
  request.target = "/api/events";
  request.host = test.host;
  request.fields = {{"Sec-Fetch-Site", "same-origin"},
                    {"Cookie", test.cookie},
                    {"X-Goop-Session", test.token},
                    {"Last-Event-ID", std::string(after)}};
  auto connecting =
      net::http::Client::connect(test.rt, test.there, {test.here.address(), port}, {});
  auto client = test.rt.wait(std::move(connecting));
  test.rt.wait(client->send(request, Deadline::never()));
  net::http::EventParser parser;
  std::vector<net::http::ServerEvent> events;
  while (events.size() < count) {
    const auto part = test.rt.wait(client->next(Deadline::never()));
    const auto parsed = parser.feed(part);
    for (const auto& event : *parsed) events.push_back(event);
  }
  return events;
}

TEST_F(ViewerTest, peers_are_told_whole) {
  log_in();
  peer.known.push_back(kaj());
  const auto answer = json::parse(from_page("GET", "/api/peers").body);
  const auto& row = answer->at("peers").at(0).as_object();
  EXPECT_EQ(row.at("peerID").as_string(), other.to_string());
  EXPECT_EQ(row.at("label").as_string(), "<b>Kaj</b>");
  EXPECT_EQ(row.at("proof").as_string(), "signature");
  EXPECT_EQ(row.at("way").as_string(), "direct");
  EXPECT_EQ(row.at("knownBy").as_array().size(), 1u);
  EXPECT_EQ(row.at("knownBy").at(0).as_string(), "gossip");
  EXPECT_EQ(row.at("lastSeen").as_int64(), 1767225600000);
  EXPECT_EQ(row.at("siteUrl").as_string(), site_url(other, port));
  peer.known[0].address.clear();
  EXPECT_NE(from_page("GET", "/api/peers").body.find("\"way\":\"none\""), std::string::npos);
}

TEST_F(ViewerTest, a_peer_that_changed_often_is_told_once) {
  log_in();
  peer.known.push_back(kaj());
  const auto snapshot = json::parse(from_page("GET", "/api/peers").body);
  const std::string cursor(snapshot->at("cursor").as_string());
  for (int i = 0; i < 5; ++i) peer.news().publish(KnownPeerChanged{other});
  peer.news().publish(KnownPeerChanged{me});
  peer.news().publish(NewsLost{});
  const auto events = read_events(*this, cursor, 3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].type, "peer");
  EXPECT_EQ(events[1].type, "peer-gone");
  EXPECT_EQ(events[1].data, fmt::format(R"({{"peerID":"{}"}})", me.to_string()));
  EXPECT_EQ(events[2].type, "gap");
  EXPECT_EQ(read_events(*this, events[1].id, 1)[0].type, "gap");
}

TEST_F(ViewerTest, favorites_are_set_of_peers_that_are_known) {
  log_in();
  peer.known.push_back(kaj());
  const auto body = [](std::string_view id, bool wanted) {
    return fmt::format(R"({{"peerID":"{}","favorite":{}}})", id, wanted);
  };
  EXPECT_EQ(from_page("POST", "/api/peers/favorite", body(other.to_string(), true)).status, 200);
  EXPECT_TRUE(peer.known[0].known.favourite);
  EXPECT_EQ(from_page("POST", "/api/peers/favorite", body(other.to_string(), false)).status, 200);
  EXPECT_FALSE(peer.known[0].known.favourite);
  EXPECT_EQ(from_page("POST", "/api/peers/favorite", body(me.to_string(), true)).status, 404);
  EXPECT_EQ(from_page("POST", "/api/peers/favorite", body("nonsense", true)).status, 400);
  EXPECT_EQ(from_page("POST", "/api/peers/favorite", "[]").status, 400);
}

TEST_F(ViewerTest, a_probe_answers_with_the_list_also_when_somebody_does_not_answer) {
  log_in();
  for (int i = 1; i <= 2; ++i) {
    const auto answer = from_page("POST", "/api/peers/probe", "{}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("\"peers\":[]"), std::string::npos);
    EXPECT_EQ(peer.probes, i);
  }
}

TEST_F(ViewerTest, the_profile_changes_only_in_what_is_named) {
  log_in();
  const auto set = [&](std::string body) { return from_page("POST", "/api/self/profile", body); };
  EXPECT_EQ(set(R"({"label":"  Mira V. ","listed":true})").status, 200);
  EXPECT_EQ(peer.profile.label, "Mira V.");
  EXPECT_TRUE(peer.profile.listed);
  EXPECT_FALSE(peer.profile.share_email);
  const auto answer = set(R"({"email":"mira@example.org","shareEmail":true})");
  EXPECT_EQ(peer.profile.label, "Mira V.");
  EXPECT_EQ(peer.profile.email, "mira@example.org");
  EXPECT_NE(answer.body.find("\"shareEmail\":true"), std::string::npos);
  EXPECT_EQ(set(R"({"email":""})").status, 200);
  EXPECT_EQ(peer.profile.email, "");
}

TEST_F(ViewerTest, a_profile_that_nobody_could_show_is_refused) {
  log_in();
  const auto label = [](std::size_t size) {
    return fmt::format(R"({{"label":"{}"}})", std::string(size, 'x'));
  };
  const auto email = [](std::size_t size) {
    return fmt::format(R"({{"email":"{}@x"}})", std::string(size - 2, 'x'));
  };
  const auto status = [&](std::string body) {
    return from_page("POST", "/api/self/profile", std::move(body)).status;
  };
  EXPECT_EQ(status(label(limits::label_bytes)), 200);
  EXPECT_EQ(status(label(limits::label_bytes + 1)), 400);
  EXPECT_EQ(status(email(limits::email_bytes)), 200);
  EXPECT_EQ(status(email(limits::email_bytes + 1)), 400);
  for (const auto* bad :
       {R"({"label":"  "})", R"({"label":"a\nb"})", R"({"email":"nobody"})", R"({"email":"a@b@c"})",
        R"({"email":"a b@c"})", R"({"email":"@c"})", R"({"email":"a@"})", R"({"listed":"yes"})"}) {
    EXPECT_EQ(status(bad), 400) << bad;
  }
}

TEST_F(ViewerTest, the_servers_are_told_with_what_is_wrong) {
  log_in();
  peer.servers = {{.url = "http://192.0.2.9:8787/",
                   .state = "websocket",
                   .error = "",
                   .up = true,
                   .next_try = {},
                   .clock_ahead = -720000ms},
                  {.url = "http://192.0.2.8:8787/",
                   .state = "waiting",
                   .error = "nobody there",
                   .up = false,
                   .next_try = WallTime(5ms),
                   .clock_ahead = {}}};
  const auto answer = from_page("GET", "/api/self").body;
  EXPECT_NE(answer.find(R"("state":"websocket","up":true,"clockAheadMs":-720000})"), answer.npos);
  EXPECT_NE(answer.find(R"("up":false,"error":"nobody there","nextTry":5})"), answer.npos);
}

TEST_F(ViewerTest, another_computer_with_our_identity_and_who_can_see_us_are_told) {
  log_in();
  const auto usual = from_page("GET", "/api/self").body;
  EXPECT_EQ(usual.find("twin"), usual.npos);
  EXPECT_EQ(usual.find("notes"), usual.npos);
  peer.twin = {"192.0.2.7", WallTime(5ms)};
  peer.notes = {"only some"};
  const auto answer = from_page("GET", "/api/self").body;
  EXPECT_NE(answer.find(R"("twin":{"where":"192.0.2.7","seen":5})"), answer.npos);
  EXPECT_NE(answer.find(R"("notes":["only some"])"), answer.npos);
}

TEST_F(ViewerTest, one_can_appear_offline) {
  log_in();
  const auto answer = from_page("POST", "/api/self/appearance", R"({"offline":true})");
  EXPECT_NE(answer.body.find("\"appearsOffline\":true"), std::string::npos);
  EXPECT_EQ(peer.appears, Appear::offline);
  from_page("POST", "/api/self/appearance", R"({"offline":false})");
  EXPECT_EQ(peer.appears, Appear::online);
  EXPECT_EQ(from_page("POST", "/api/self/appearance", "{}").status, 400);
}

TEST_F(ViewerTest, the_shell_answers_at_the_path_of_each_screen) {
  EXPECT_EQ(get(host, "/peers", navigation).body, "<!doctype html>shell");
  EXPECT_EQ(get(host, "/nothing", navigation).status, 404);
}

}  // namespace
}  // namespace goop::viewer
