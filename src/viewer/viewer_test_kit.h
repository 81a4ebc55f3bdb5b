// What the viewer's tests share: a viewer over a simulated network, a peer and sites that do as
// they are told, and requests as a browser and the command line make them.
#pragma once

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"
#include "viewer/origin.h"
#include "viewer/viewer.h"

namespace goop::viewer {

namespace site = peer::site;

inline const auto me = *p2p::PeerId::parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
inline const auto other = *p2p::PeerId::parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
inline constexpr std::uint16_t port = 7777;
inline constexpr std::uint32_t owner_uid = 1000;

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
    if (path == "404.html" && missing_page.empty()) co_return fail(Errc::not_found, "no such file");
    if (path.empty() && !has_front) co_return fail(Errc::not_found, "no such file");
    if (path == "bare/") co_return fail(Errc::not_found, "no such file");
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
    auto content = path == "404.html" ? missing_page : text_;
    head.total_size = head.body_size = content.size();
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
  bool has_front = true;
  std::string missing_page;  // its 404.html; empty: none

 private:
  std::string text_;
};

class FakePeer final : public ViewerPeer {
 public:
  explicit FakePeer(Runtime& runtime) : news_(runtime) {}
  const p2p::PeerId& id() const override { return me; }
  SelfView self() const override {
    return {"Mira",     {"/ip4/192.0.2.1/tcp/1/p2p/" + me.to_string()},
            "goop://x", "0.1",
            {},         profile,
            appears,    servers,
            twin,       notes};
  }
  std::vector<ConnectionView> connections() const override { return list; }
  std::optional<ConnectionView> connection(const p2p::PeerId& peer) const override {
    for (const auto& one : list) {
      if (one.peer == peer) return one;
    }
    return std::nullopt;
  }
  std::vector<KnownPeerView> peers() const override { return known; }
  std::optional<KnownPeerView> known_peer(const p2p::PeerId& peer) const override {
    for (const auto& one : known) {
      if (one.known.id == peer) return one;
    }
    return std::nullopt;
  }
  Result<void> set_favorite(const p2p::PeerId& peer, Favorite wanted) override {
    for (auto& one : known) {
      if (one.known.id != peer) continue;
      one.known.favourite = wanted == Favorite::yes;
      return {};
    }
    return fail(Errc::not_found, "nobody");
  }
  Task<> probe(Deadline) override {
    ++probes;
    if (probes > 1) raise(Errc::timeout, "somebody did not answer");
    co_return;
  }
  Task<Result<void>> set_profile(ProfileChange wanted, Deadline) override {
    profile.label = wanted.label.value_or(profile.label);
    profile.email = wanted.email.value_or(profile.email);
    profile.share_email = wanted.share_email.value_or(profile.share_email);
    profile.listed = wanted.listed.value_or(profile.listed);
    co_return Result<void>{};
  }
  void appear(Appear how) override { appears = how; }
  Feed<PeerNews>& news() override { return news_; }
  std::shared_ptr<site::SiteSource> site(const p2p::PeerId& peer) override {
    return peer == me ? own : remote;
  }
  Task<OwnSiteView> check_site() override {
    OwnSiteView view{"/home/mira/site", notices};
    co_return view;
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
  std::vector<KnownPeerView> known;
  ProfileView profile{"Mira", "", false, false};
  Appear appears = Appear::online;
  std::vector<ServerView> servers;
  std::optional<TwinView> twin;
  std::vector<std::string> notes;
  int probes = 0;
  std::vector<site::SiteNotice> notices;
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
    made.manual = &manual();
    made.control_token = "control";
    made.users = {0, owner_uid};
    return made;
  }
  static const AssetSet& assets() {
    static const std::string
        shell = "<!doctype html>shell",
        script = "js()", page = "<p>{{peer}}|{{title}}|{{cause}}|{{path}}|{{base}}</p>",
        texts = R"({"cause.other":"away","message.other.title":"oh",)"
                R"("message.other_user.title":"somebody else's",)"
                R"("message.no_front.title":"no front","message.no_index.title":"no index",)"
                R"("message.no_front_own.title":"put one","message.not_shown.title":"hidden",)"
                R"("message.nothing_here.title":"nothing","message.method.title":"no forms"})";
    static const std::vector<Asset> files{
        {"assets/a.js",
         "text/javascript",
         as_bytes(script),
         {},
         "0123456789abcdef0123456789abcdef00"},
        {"index.html", "text/html; charset=utf-8", as_bytes(shell), {}, "00"},
        {"pages/message.html", "text/html", as_bytes(page), {}, "00"},
        {"pages/not_built.js", "text/javascript", as_bytes(script), {}, "00"},
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

  static const AssetSet& manual() {
    static const std::string front = "# The book\n\nSee [one](one.md).\n", one = "# One\n\nword\n";
    static const std::vector<Asset> files{{"README.md", "text/markdown", as_bytes(front), {}, "00"},
                                          {"one.md", "text/markdown", as_bytes(one), {}, "00"}};
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
  // From now on a program of this user asks.
  void as_user(std::uint32_t uid) { there.set_user({net::PeerUser::Kind::user, uid}); }
  void visit(const p2p::PeerId& whom) {
    ASSERT_TRUE(rt.wait(peer.visit(whom.to_string(), Deadline::never())));
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

inline const Headers navigation{
    {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}};
inline const Headers link{{"Sec-Fetch-Site", "cross-site"},
                          {"Sec-Fetch-Mode", "navigate"},
                          {"Sec-Fetch-Dest", "document"}};
inline const Headers picture{
    {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}};
inline const Headers own_fetch{
    {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}};

}  // namespace goop::viewer
