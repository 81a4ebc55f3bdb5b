// The viewer as a browser and the command line meet it, over a simulated network.
#include "viewer/viewer.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "net/http/client.h"
#include "net/http/sse.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"
#include "viewer/limits.h"
#include "viewer/origin.h"

namespace goop::viewer {
namespace {

namespace site = peer::site;

const auto me = *p2p::PeerId::parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
const auto other = *p2p::PeerId::parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
constexpr std::uint16_t port = 7777;

class FakeBody final : public site::SiteBody {
 public:
  FakeBody(std::string text, std::size_t piece, bool breaks)
      : text_(std::move(text)), piece_(piece), breaks_(breaks) {}
  BytesView ready() const override { return piece_ ? BytesView{} : as_bytes(text_); }
  Task<BytesView> next(Deadline) override {
    if (breaks_ && at_ > 0) raise(Errc::closed, "the owner is gone");
    const auto part = std::string_view(text_).substr(at_, piece_ ? piece_ : text_.size());
    at_ += part.size();
    co_return as_bytes(part);
  }

 private:
  std::string text_;
  std::size_t piece_, at_ = 0;
  bool breaks_;
};

// A site of one text, with ranges and an ETag, and some names that behave in their own way.
class FakeSite final : public site::SiteSource {
 public:
  explicit FakeSite(std::string text) : text_(std::move(text)) {}

  Task<Result<site::SiteReply>> get(site::SiteRequest request, Deadline) override {
    ++asked;
    last = request;
    const auto& path = request.path.text();
    if (path == "missing") co_return fail(Errc::not_found, "no such file");
    if (path == "secret") co_return fail(Errc::forbidden, "not yours");
    if (path == "away") raise(Errc::unreachable, "nobody answers at <b>");
    site::SiteReply reply;
    auto& head = reply.head;
    head.mime = path.ends_with(".css") ? "text/plain" : "text/html; charset=utf-8";
    head.etag = "tag1";
    head.total_size = head.body_size = text_.size();
    if (path == "folder") head.status = site::SiteStatus::directory;
    if (request.if_none_match == head.etag) head.status = site::SiteStatus::not_modified;
    if (head.status != site::SiteStatus::ok) co_return reply;
    auto content = text_;
    if (request.range) {
      const auto span = wire::resolve(*request.range, text_.size());
      if (!span) {
        head.status = site::SiteStatus::unsatisfiable;
        head.body_size = 0;
        co_return reply;
      }
      head.status = site::SiteStatus::partial;
      head.range = span;
      head.body_size = span->size;
      content = text_.substr(span->first, span->size);
    }
    if (request.want == wire::SiteWant::content) {
      const bool pieces = path == "pieces" || path == "breaks";
      reply.body = std::make_unique<FakeBody>(content, pieces ? 3 : 0, path == "breaks");
    }
    co_return reply;
  }

  int asked = 0;
  site::SiteRequest last;

 private:
  std::string text_;
};

class FakePeer final : public ViewerPeer {
 public:
  explicit FakePeer(Runtime& runtime) : news_(runtime) {}
  const p2p::PeerId& id() const override { return me; }
  SelfView self() const override {
    return {"Mira", {"/ip4/192.0.2.1/tcp/1/p2p/" + me.to_string()}, "goop://x", "0.1", {}};
  }
  std::vector<ConnectionView> connections() const override { return list; }
  std::optional<ConnectionView> connection(const p2p::PeerId& peer) const override {
    for (const auto& one : list) {
      if (one.peer == peer) return one;
    }
    return std::nullopt;
  }
  Feed<PeerNews>& news() override { return news_; }
  std::shared_ptr<site::SiteSource> site(const p2p::PeerId& peer) override {
    return peer == me ? own : remote;
  }
  std::string display_name(const p2p::PeerId&) const override { return "<Kaj>"; }
  bool visited(const p2p::PeerId& peer) const override { return visited_ == peer; }
  Task<Result<p2p::PeerId>> visit(std::string address, Deadline) override {
    auto peer = p2p::PeerId::parse(address);
    if (peer) visited_ = *peer;
    co_return peer;
  }
  Task<Result<Duration>> ping(std::string, Deadline) override { co_return Duration(1234us); }
  Task<Result<PerfTimes>> perf(std::string, PerfPlan plan, Deadline) override {
    PerfTimes times;
    times.download = plan.download * 1us;
    co_return times;
  }
  bool ready() const override { return true; }
  std::string metrics() const override { return "goop_dials_total 1\n"; }

  std::vector<ConnectionView> list;
  std::shared_ptr<FakeSite> own = std::make_shared<FakeSite>("<h1>mine</h1>");
  std::shared_ptr<FakeSite> remote = std::make_shared<FakeSite>("<h1>theirs</h1>");

 private:
  Feed<PeerNews> news_;
  p2p::PeerId visited_;
};

struct Answer {
  int status = 0;
  net::http::Fields fields;
  std::string body;
  std::string field(std::string_view name) const {
    return std::string(fields.find(name).value_or(""));
  }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ViewerTest : testing::Test {
  ViewerTest() { viewer.serve(std::move(*here.listen({here.address(), port}, {})), port); }
  ~ViewerTest() override { rt.wait(viewer.stop(Deadline::after(rt.now(), 1s))); }

  static ViewerOptions options() {
    ViewerOptions made;
    made.assets = &assets();
    made.control_token = "control";
    return made;
  }
  static const AssetSet& assets() {
    static const std::string shell = "<!doctype html>shell", script = "js()",
                             page = "<p>{{peer}}|{{title}}|{{cause}}|{{path}}|{{base}}</p>",
                             texts = "{\"cause.other\":\"away\",\"message.other.title\":\"oh\"}";
    static const std::vector<Asset> files{
        {"assets/a.js",
         "text/javascript",
         as_bytes(script),
         {},
         "0123456789abcdef0123456789abcdef00"},
        {"index.html", "text/html; charset=utf-8", as_bytes(shell), {}, "00"},
        {"pages/message.html", "text/html", as_bytes(page), {}, "00"},
        {"pages/retry.js",
         "text/javascript",
         as_bytes(script),
         {},
         "0123456789abcdef0123456789abcdef00"},
        {"pages/text.en.json", "application/json", as_bytes(texts), {}, "00"},
        {"pages/text.nl.json", "application/json", as_bytes(texts), {}, "00"},
        {"pages/unreachable.html", "text/html", as_bytes(page), {}, "00"},
        {"pages/visit.html", "text/html", as_bytes(page), {}, "00"},
    };
    static const AssetSet set(files);
    return set;
  }

  Answer ask(std::string method, std::string to, std::string target, Headers fields,
             std::string body = {}) {
    net::http::ClientRequest request;
    request.method = std::move(method);
    request.host = std::move(to);
    request.target = std::move(target);
    request.fields = std::move(fields);
    request.body = std::move(body);
    auto client = rt.wait(net::http::Client::connect(rt, there, {here.address(), port}, {}));
    const auto* head = rt.wait(client->send(request, Deadline::never()));
    Answer answer{head->status, head->fields, {}};
    answer.body = to_text(rt.wait(client->read_body(100'000, Deadline::never())));
    return answer;
  }
  Answer get(std::string to, std::string target, Headers fields = {}) {
    return ask("GET", std::move(to), std::move(target), std::move(fields));
  }
  // As a page of the viewer asks.
  Answer from_page(std::string method, std::string target, std::string body = {}) {
    Headers fields{
        {"Sec-Fetch-Site", "same-origin"}, {"Cookie", cookie}, {"X-Goop-Session", token}};
    if (method == "POST") {
      fields.emplace_back("Origin", viewer_origin(port));
      fields.emplace_back("Content-Type", "application/json");
    }
    return ask(std::move(method), host, std::move(target), std::move(fields), std::move(body));
  }
  void log_in() {
    const auto url = viewer.start_url();
    const auto secret = url.substr(url.find("#login=") + 7);
    const auto answer =
        from_page("POST", "/api/login", fmt::format("{{\"secret\":\"{}\"}}", secret));
    ASSERT_EQ(answer.status, 200) << answer.body;
    cookie = answer.field("Set-Cookie").substr(0, answer.field("Set-Cookie").find(';'));
    token = answer.body.substr(10, 32);
  }
  static std::string host_of(const p2p::PeerId& peer) {
    return site_origin(peer, port).substr(std::string_view("http://").size());
  }
  static std::string path_of(const p2p::PeerId& peer, std::string_view file) {
    return fmt::format("/p/{}/{}", peer.to_string(), file);
  }

  sim::SimRuntime rt{11};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  FakePeer peer{rt};
  Viewer viewer{rt, here, peer, options()};
  const std::string host = "127.0.0.1:7777";
  std::string cookie, token;
};

const Headers navigation{
    {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}};
const Headers link{{"Sec-Fetch-Site", "cross-site"},
                   {"Sec-Fetch-Mode", "navigate"},
                   {"Sec-Fetch-Dest", "document"}};
const Headers picture{
    {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}};
const Headers own_fetch{
    {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}};

TEST_F(ViewerTest, serves_the_shell_and_its_parts_without_a_session) {
  const auto shell = get(host, "/", navigation);
  EXPECT_EQ(shell.status, 200);
  EXPECT_EQ(shell.body, "<!doctype html>shell");
  EXPECT_EQ(shell.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(shell.field("Origin-Agent-Cluster"), "?1");
  EXPECT_NE(
      shell.field("Content-Security-Policy").find("script-src http://127.0.0.1:7777/assets/;"),
      std::string::npos);
  EXPECT_NE(shell.field("Content-Security-Policy").find("frame-ancestors 'none'"),
            std::string::npos);
  const auto script = get(host, "/assets/a.js", own_fetch);
  EXPECT_EQ(script.body, "js()");
  EXPECT_NE(script.field("Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(get(host, "/assets/a.js", {{"If-None-Match", script.field("ETag")}}).status, 304);
  EXPECT_EQ(get(host, "/assets/retry.js", own_fetch).field("Cache-Control"), "no-cache");
  EXPECT_EQ(get(host, "/assets/unreachable.html").status, 404);
}

TEST_F(ViewerTest, every_answer_has_the_headers) {
  for (const auto& [where, target] :
       std::vector<std::pair<std::string, std::string>>{{host, "/"},
                                                        {host, "/none"},
                                                        {host, "/api/self"},
                                                        {host, "/p/x/"},
                                                        {host, "/readyz"},
                                                        {host, "/metrics"},
                                                        {host, "/assets/a.js"},
                                                        {"evil.example", "/"},
                                                        {"localhost:7777", "/"},
                                                        {host_of(me), path_of(me, "")},
                                                        {host_of(me), "/"},
                                                        {host_of(me), path_of(me, "missing")},
                                                        {host_of(me), "/api/self"}}) {
    const auto answer = get(where, target);
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(answer.field("Referrer-Policy"), "no-referrer") << target;
    EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "same-origin") << target;
    EXPECT_NE(answer.field("Content-Security-Policy"), "") << target;
    EXPECT_EQ(answer.field("Server"), "") << target;
    for (const auto* once : {"Content-Security-Policy", "Cache-Control", "Content-Type"}) {
      EXPECT_LE(answer.fields.count(once), 1u) << target << " " << once;
    }
  }
}

TEST_F(ViewerTest, knows_its_hosts) {
  EXPECT_EQ(get("evil.example:7777", "/").status, 421);
  const auto alias = get("localhost:7777", "/visit?peer=x", navigation);
  EXPECT_EQ(alias.status, 302);
  EXPECT_EQ(alias.field("Location"), "http://127.0.0.1:7777/visit?peer=x");
  EXPECT_EQ(ask("POST", "localhost:7777", "/api/login", {}).status, 421);
  EXPECT_EQ(get(host_of(me), "/", navigation).field("Location"), path_of(me, ""));
  EXPECT_EQ(get(host_of(me), path_of(other, ""), navigation).status, 404);
  EXPECT_EQ(get(host_of(me), "/p/" + me.to_cid_base36() + "/", navigation).status, 404);
  EXPECT_EQ(get(host_of(me), "/api/connections", own_fetch).status, 404);
  EXPECT_EQ(get(host_of(me), "/assets/a.js", own_fetch).status, 404);
  EXPECT_EQ(get(host_of(me), "/.goop/retry.js", own_fetch).body, "js()");
}

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

TEST_F(ViewerTest, serves_its_own_site_on_the_sites_host) {
  const auto page = get(host_of(me), path_of(me, ""), navigation);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<h1>mine</h1>");
  EXPECT_EQ(page.field("ETag"), "\"tag1\"");
  EXPECT_NE(page.field("Content-Security-Policy").find("frame-ancestors http://127.0.0.1:7777"),
            std::string::npos);
  EXPECT_NE(page.field("Permissions-Policy").find("camera=()"), std::string::npos);
  EXPECT_EQ(get(host_of(me), "/p/" + me.to_string(), navigation).field("Location"),
            path_of(me, ""));
  EXPECT_EQ(get(host_of(me), path_of(me, "folder?q"), navigation).field("Location"),
            path_of(me, "folder/?q"));
  EXPECT_EQ(get(host_of(me), path_of(me, "a.css"), own_fetch).field("Content-Type"),
            "text/css; charset=utf-8");
  EXPECT_EQ(get(host_of(me), path_of(me, "pieces"), own_fetch).body, "<h1>mine</h1>");
  EXPECT_EQ(ask("HEAD", host_of(me), path_of(me, "x"), own_fetch).field("Content-Length"), "13");
  EXPECT_EQ(get(host_of(me), path_of(me, "a%2fb"), own_fetch).status, 400);
}

TEST_F(ViewerTest, speaks_conditions_and_ranges) {
  const auto with = [&](Headers more) {
    Headers fields = own_fetch;
    fields.insert(fields.end(), more.begin(), more.end());
    return get(host_of(me), path_of(me, "x.html"), fields);
  };
  EXPECT_EQ(with({{"If-None-Match", "\"tag1\""}}).status, 304);
  const auto part = with({{"Range", "bytes=4-7"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "mine");
  EXPECT_EQ(part.field("Content-Range"), "bytes 4-7/13");
  const auto beyond = with({{"Range", "bytes=99-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.field("Content-Range"), "bytes */13");
  EXPECT_EQ(with({{"Range", "bytes=4-7"}, {"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status,
            200);
  with({{"Range", "bytes=4-7"}, {"If-Range", "\"t\""}, {"Accept-Encoding", "br"}});
  EXPECT_EQ(peer.own->last.if_range, "t");
  EXPECT_TRUE(peer.own->last.accept.br);
}

TEST_F(ViewerTest, errors_of_a_site_have_their_status_and_page) {
  EXPECT_EQ(get(host_of(me), path_of(me, "missing"), navigation).status, 404);
  EXPECT_EQ(get(host_of(me), path_of(me, "secret"), navigation).status, 403);
  const auto away = get(host_of(other), path_of(other, "away"), navigation);
  EXPECT_EQ(away.status, 502);
  EXPECT_EQ(away.body, "<p>&lt;Kaj&gt;||away||/.goop</p>");
  EXPECT_EQ(get(host_of(other), path_of(other, "away"), own_fetch).body, "unreachable\n");
  EXPECT_THROW(get(host_of(me), path_of(me, "breaks"), own_fetch), Failure);
}

TEST_F(ViewerTest, no_page_of_others_makes_it_dial) {
  EXPECT_EQ(get(host_of(other), path_of(other, "a.png"), picture).status, 403);
  const auto asked = get(host_of(other), path_of(other, "a%20b.html?x=1"), link);
  EXPECT_EQ(asked.status, 302);
  EXPECT_EQ(asked.field("Location"),
            fmt::format("http://127.0.0.1:7777/visit?peer={}&path=%2Fa%2520b.html%3Fx%3D1",
                        other.to_string()));
  EXPECT_EQ(get(host_of(other), path_of(other, "")).status, 302);  // says nothing of itself
  EXPECT_EQ(peer.remote->asked, 0);
  const auto question = get(host, "/visit?peer=" + other.to_string() + "&path=%2Fa%3C", link);
  EXPECT_EQ(question.body, "<p>&lt;Kaj&gt;|||/a&lt;|/assets</p>");
  EXPECT_EQ(get(host, "/visit?peer=x").status, 400);
  EXPECT_EQ(peer.remote->asked, 0);
  log_in();
  EXPECT_EQ(
      from_page("POST", "/api/visit", fmt::format("{{\"address\":\"{}\"}}", other.to_string()))
          .status,
      200);
  EXPECT_EQ(get(host_of(other), path_of(other, ""), link).body, "<h1>theirs</h1>");
  EXPECT_EQ(get(host_of(other), path_of(other, "a.png"), picture).status, 403);
}

TEST_F(ViewerTest, sites_have_no_rights_on_the_viewers_host) {
  const auto nav = get(host, path_of(other, "a.html?x"), link);
  EXPECT_EQ(nav.status, 302);
  EXPECT_EQ(nav.field("Location"), site_url(other, port) + "a.html?x");
  EXPECT_EQ(get(host, path_of(me, "a.js"), own_fetch).status, 403);
  EXPECT_EQ(get(host, path_of(me, "a.js"), picture).status, 403);
  const auto program = get(host, path_of(me, "a.html"));
  EXPECT_EQ(program.body, "<h1>mine</h1>");
  EXPECT_EQ(program.field("Content-Security-Policy"), "sandbox allow-scripts allow-forms");
  Headers worker = own_fetch;
  worker.emplace_back("Service-Worker", "script");
  EXPECT_EQ(get(host_of(me), path_of(me, "sw.js"), worker).status, 403);
}

TEST_F(ViewerTest, a_site_learns_who_visits_and_no_more) {
  EXPECT_EQ(get(host_of(other), "/api/self", own_fetch).body,
            fmt::format("{{\"id\":\"{}\",\"label\":\"Mira\"}}\n", me.to_string()));
  EXPECT_EQ(get(host_of(other), "/api/self", picture).status, 403);
  EXPECT_EQ(get(host_of(other), "/api/self").status, 403);
}

TEST_F(ViewerTest, health_says_the_same_on_every_host) {
  for (const auto& where : {host, host_of(me), host_of(other)}) {
    const auto answer = get(where, "/healthz", picture);
    EXPECT_EQ(answer.body, "ok\n");
    EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "cross-origin");
  }
  EXPECT_EQ(get(host, "/readyz").body, "ready\n");
  EXPECT_NE(get(host, "/metrics").body.find("goop_http_requests_total"), std::string::npos);
  EXPECT_EQ(get(host, "/metrics", picture).status, 403);
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

TEST_F(ViewerTest, a_taken_port_is_told) {
  sim::SimHost& machine = internet.add_host(std::vector<std::string>{"127.0.0.1", "::1"});
  Viewer first(rt, machine, peer, options()), second(rt, machine, peer, options());
  ASSERT_TRUE(first.listen(0));
  EXPECT_EQ(second.listen(first.port()).error().code, Errc::conflict);
  EXPECT_TRUE(second.listen(0, first.port()));
  EXPECT_NE(first.port(), second.port());
  rt.wait(first.stop({rt.now()}));
  rt.wait(second.stop({rt.now()}));
}

}  // namespace
}  // namespace goop::viewer
