// The viewer's own API: logins, the command line's token, bodies, the event stream.
#include "base/json.h"
#include "net/http/sse.h"
#include "viewer/limits.h"
#include "viewer/viewer_test_kit.h"

namespace goop::viewer {
namespace {

TEST_F(ViewerTest, a_login_opens_the_api) {
  EXPECT_EQ(from_page("GET", "/api/self").status, 401);
  log_in();
  const auto self = from_page("GET", "/api/self");
  EXPECT_EQ(self.status, 200);
  EXPECT_NE(self.body.find("\"label\":\"Mira\""), std::string::npos);
  EXPECT_NE(self.body.find(site_url(me, port)), std::string::npos);
  const auto kept = token;
  token = "";
  EXPECT_EQ(from_page("GET", "/api/self").status, 401);
  token = kept;
  EXPECT_EQ(get(host, "/api/self", {{"Cookie", cookie}, {"X-Goop-Session", token}}).status, 403);
  const auto wrong = ask("DELETE", host, "/api/self", {});
  EXPECT_EQ(wrong.field("Allow"), "GET, HEAD");
  EXPECT_NE(wrong.body.find("\"code\":\"method\""), std::string::npos);
}

TEST_F(ViewerTest, the_command_line_uses_its_token) {
  const Headers token_field{{"Authorization", "Bearer control"}};
  EXPECT_EQ(get(host, "/api/status", token_field).status, 200);
  EXPECT_EQ(get(host, "/api/status", {{"Authorization", "Bearer wrong"}}).status, 403);
  Headers post = token_field;
  post.emplace_back("Content-Type", "application/json");
  const auto open = ask("POST", host, "/api/open", post, "{}");
  EXPECT_NE(open.body.find("http://127.0.0.1:7777/#login="), std::string::npos);
  EXPECT_NE(ask("POST", host, "/api/ping", post, "{\"address\":\"x\"}").body.find("1234"),
            std::string::npos);
  const auto perf = [](unsigned streams) {
    return fmt::format(R"({{"address":"x","download":77,"upload":0,"streams":{}}})", streams);
  };
  EXPECT_NE(ask("POST", host, "/api/perf", post, perf(1)).body.find("\"downloadMicros\":77"),
            std::string::npos);
  EXPECT_EQ(ask("POST", host, "/api/perf", post, perf(0)).status, 400);
  EXPECT_EQ(ask("POST", host, "/api/perf", post, perf(limits::perf_streams + 1)).status, 400);
  post.emplace_back("Origin", "http://evil.example");
  EXPECT_EQ(ask("POST", host, "/api/open", post, "{}").status, 403);
  EXPECT_EQ(ask("POST", host, "/api/perf", post, perf(1)).status, 403);
}

TEST_F(ViewerTest, bad_bodies_are_named) {
  log_in();
  const auto bad = from_page("POST", "/api/visit", "{");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("\"code\":\"invalid\""), std::string::npos);
  EXPECT_EQ(from_page("POST", "/api/visit", std::string(limits::json_body_bytes + 1, ' ')).status,
            413);
  const auto longer =
      fmt::format("{{\"address\":\"{}\"}}", std::string(limits::address_bytes + 1, 'x'));
  EXPECT_EQ(from_page("POST", "/api/visit", longer).status, 413);
}

TEST_F(ViewerTest, events_resume_where_they_broke_off) {
  log_in();
  peer.list.push_back({other, "Kaj", "/ip4/192.0.2.9/tcp/1", true, 420us, {}, 2});
  const auto snapshot = json::parse(from_page("GET", "/api/connections").body);
  const std::string cursor(snapshot->at("cursor").as_string());
  EXPECT_EQ(snapshot->at("connections").at(0).at("rttMicros").as_int64(), 420);
  peer.news().publish(ConnectionChanged{other});
  peer.list.clear();
  peer.news().publish(SelfChanged{});

  const auto read = [&](std::string_view after, std::size_t count) {
    net::http::ClientRequest request;
    request.target = "/api/events";
    request.host = host;
    request.fields = {{"Sec-Fetch-Site", "same-origin"},
                      {"Cookie", cookie},
                      {"X-Goop-Session", token},
                      {"Last-Event-ID", std::string(after)}};
    auto client = rt.wait(net::http::Client::connect(rt, there, {here.address(), port}, {}));
    rt.wait(client->send(request, Deadline::never()));
    net::http::EventParser parser;
    std::vector<net::http::ServerEvent> events;
    while (events.size() < count) {
      const auto part = rt.wait(client->next(Deadline::never()));
      const auto parsed = parser.feed(part);
      for (const auto& event : *parsed) events.push_back(event);
    }
    return events;
  };
  const auto events = read(cursor, 2);
  EXPECT_EQ(events[0].type, "disconnection");
  EXPECT_EQ(events[1].type, "self");
  EXPECT_EQ(read(events[0].id, 1)[0].type, "self");
  EXPECT_EQ(read("another-run-7", 1)[0].type, "gap");
  peer.news().publish(SelfChanged{});
  EXPECT_EQ(read(events[1].id, 1)[0].type, "self");
  peer.news().publish(PerfMoved{other, PerfWay::upload, 7});
  const auto perf = read(events[1].id, 2)[1];
  EXPECT_EQ(perf.type, "perf");
  EXPECT_EQ(perf.data,
            fmt::format(R"({{"peerID":"{}","way":"upload","bytes":7}})", other.to_string()));
  rt.run_for(1min);
}

TEST_F(ViewerTest, event_streams_have_a_cap_and_end_with_their_session) {
  log_in();
  rt.run_for(limits::session_life - 1min);
  std::vector<std::unique_ptr<net::http::Client>> clients;
  const auto open = [&] {
    net::http::ClientRequest request;
    request.target = "/api/events";
    request.host = host;
    request.fields = {
        {"Sec-Fetch-Site", "same-origin"}, {"Cookie", cookie}, {"X-Goop-Session", token}};
    clients.push_back(rt.wait(net::http::Client::connect(rt, there, {here.address(), port}, {})));
    return rt.wait(clients.back()->send(request, Deadline::never()))->status;
  };
  for (std::size_t i = 0; i < limits::event_streams; ++i) ASSERT_EQ(open(), 200);
  EXPECT_EQ(open(), 503);
  rt.run_for(2min);
  // The heartbeats that were sent until then, and the end.
  EXPECT_NO_THROW(rt.wait(clients.front()->read_body(10'000'000, Deadline::never())));
}

}  // namespace
}  // namespace goop::viewer
