// Every route of the table, asked in every way in which a browser or a program can ask: for its own
// page, for another site's, under a name of another site that leads here, with and without a login.
// What must come of it is said here a second time, in the words of the rules and not of the code.
#include "rendezvous/guard.h"

#include "base/base64.h"
#include "crypto/password.h"
#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

using net::http::Method;

constexpr std::string_view own_address = "192.0.2.1:8787", own_name = "town.example",
                           rebound = "rebound.example:8787";

enum class Login { none, wrong, basic, session };
enum class Page { none, own, foreign, sandboxed };  // whose Origin

// One way to ask.
struct Way {
  Method method = Method::get;
  std::string_view host = own_address;
  Page page = Page::none;
  std::string_view site;  // Sec-Fetch-Site; empty: none
  bool visit = false;     // a person goes there in a tab
  bool browser = false;   // it is one, though nothing else shows it
  Login login = Login::none;

  std::string origin() const {
    switch (page) {
      case Page::own:
        return host == own_name ? "https://town.example" : fmt::format("http://{}", host);
      case Page::foreign:
        return "http://evil.example";
      case Page::sandboxed:
        return "null";
      case Page::none:
        break;
    }
    return {};
  }
  std::string fields() const {
    std::string text;
    const auto add = [&text](std::string_view name, std::string_view value) {
      if (!value.empty()) text += fmt::format("{}: {}\r\n", name, value);
    };
    add("Origin", origin());
    add("Sec-Fetch-Site", site);
    add("Sec-Fetch-Mode", visit ? "navigate" : site.empty() ? "" : "no-cors");
    add("Sec-Fetch-Dest", visit ? "document" : site.empty() ? "" : "script");
    add("Accept-Language", browser ? "nl" : "");
    return text;
  }
  std::string text() const {
    return fmt::format("{} {} login {}\n{}", name(method), host, static_cast<int>(login), fields());
  }

  // --- the rules' words ---
  bool is_browser() const {
    return page != Page::none || !site.empty() || browser || login == Login::session;
  }
  bool under_our_name() const { return host != rebound; }
  bool from_elsewhere() const {
    if (page != Page::none) return page != Page::own || !under_our_name();
    return site == "cross-site" || site == "same-site";
  }
  bool reads() const { return method == Method::get || method == Method::head; }
};

std::vector<Way> all_ways() {
  std::vector<Way> ways;
  for (const auto method : {Method::get, Method::head, Method::post, Method::put, Method::del,
                            Method::patch, Method::options}) {
    for (const auto host : {own_address, own_name, rebound}) {
      for (const auto page : {Page::none, Page::own, Page::foreign, Page::sandboxed}) {
        for (const auto* site : {"", "none", "same-origin", "same-site", "cross-site"}) {
          for (const auto login : {Login::none, Login::wrong, Login::basic, Login::session}) {
            Way way{method, host, page, site, false, false, login};
            ways.push_back(way);
            if (page != Page::none) continue;
            way.visit = *site != '\0';
            way.browser = *site == '\0';
            ways.push_back(way);
          }
        }
      }
    }
  }
  return ways;
}

struct Walk : TownTest {
  Walk() : TownTest(with()) {}
  static Options with() {
    auto options = roomy();
    options.external_url = "https://town.example";
    options.admin_password = crypto::hash_password("let me in");
    return options;
  }

  static std::string path_of(const Route& route) {
    return std::string(route.pattern.substr(0, route.pattern.find('{')));
  }

  Reader ask(const Route& route, const Way& way) {
    host_name = way.host;
    auto fields = way.fields();
    if (way.login == Login::wrong) fields += "Authorization: Basic YWRtaW46bm8=\r\n";
    if (way.login == Login::basic) fields += basic;
    if (way.login == Login::session) fields += session;
    if (route.pattern == "/ws") {
      fields +=
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    }
    if (!way.reads()) fields += "Content-Type: application/json\r\nContent-Length: 2\r\n";
    const auto from = way.login == Login::wrong ? &stranger : &home;
    auto reading = open_stream(*from, path_of(route), fields, name(way.method));
    if (!way.reads()) rt.wait(write(*reading->stream, "{}"));
    for (int i = 0; i < 50 && reading->status() == 0; ++i) pass(2ms);
    reading->stream->abort();
    pass(1ms);
    return reading;
  }

  // A session as the operator's page opens it.
  void log_in() {
    host_name = own_address;
    const std::string body = R"({"password":"let me in"})";
    const auto fields =
        fmt::format("Origin: http://{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                    own_address, body.size());
    auto reading = open_stream(home, "/api/operator/login", fields, "POST");
    rt.wait(write(*reading->stream, body));
    for (int i = 0; i < 50 && !reading->has("\r\n\r\n{"); ++i) pass(10ms);
    const auto between = [&](std::string_view start, char end) {
      const auto at = reading->text.find(start) + start.size();
      return reading->text.substr(at, reading->text.find(end, at) - at);
    };
    session = fmt::format("Cookie: {}\r\nX-Goop-Session: {}\r\n", between("Set-Cookie: ", ';'),
                          between("\"token\":\"", '"'));
    hang_up(reading);
  }

  const std::string basic =
      fmt::format("Authorization: Basic {}\r\n", to_base64(as_bytes("admin:let me in")));
  std::string session;
};

bool is_refusal(int status) {  // or sent to where one logs in
  return status == 303 || status == 401 || status == 403 || status == 421 || status == 428 ||
         status == 429;
}

TEST_F(Walk, every_route_in_every_way) {
  log_in();
  const auto ways = all_ways();
  std::set<std::pair<std::string_view, Method>> there;
  for (const auto& route : route_table()) {
    there.emplace(route.pattern, route.method);
    if (route.method == Method::get) there.emplace(route.pattern, Method::head);
  }
  for (const auto& route : route_table()) {
    // Ends the session, and all that comes after it: the rules are those of the others.
    if (route.pattern.ends_with("logout")) continue;
    const bool operators = route.access == Access::admin || route.access == Access::admin_page;
    const bool listens = route.pattern == "/events" || route.pattern == "/ws";
    for (const auto& way : ways) {
      if (!there.contains({route.pattern, way.method})) continue;
      // Another row has the same pattern and this method.
      if (way.reads() != (route.method == Method::get)) continue;
      const auto answer = ask(route, way);
      const int status = answer->status();
      const auto what = fmt::format("{} {}", route.pattern, way.text());
      ASSERT_NE(status, 0) << what;
      const bool refused = is_refusal(status);
      const bool acts = !way.reads() || listens;

      // No page of another site ever reads an answer of ours, or is told that it may.
      EXPECT_FALSE(answer->has("Access-Control-")) << what;
      const bool has_body = status != 101 && status / 100 != 3;
      if (has_body) EXPECT_TRUE(answer->has("X-Content-Type-Options: nosniff")) << what;
      // What acts is not for other sites' pages, under whatever name they come.
      if (acts && way.from_elsewhere()) EXPECT_TRUE(refused) << status << what;
      if (acts && way.is_browser() && !way.under_our_name()) EXPECT_TRUE(refused) << status << what;
      // What is the operator's is for nobody else, and has one way in: our name, our page.
      const bool known = way.login == Login::basic || way.login == Login::session;
      if (operators) {
        if (!known) EXPECT_TRUE(refused) << status << what;
        if (!way.under_our_name()) EXPECT_TRUE(refused) << status << what;
        if (way.from_elsewhere() && !way.visit) EXPECT_TRUE(refused) << status << what;
        // A remembered password goes along with every request of a browser.
        const bool unasked = way.login == Login::basic && way.is_browser() && way.page != Page::own;
        if (!way.reads() && unasked && way.site != "") EXPECT_TRUE(refused) << status << what;
      }
      // And nobody else is kept out.
      const bool trusted = !way.from_elsewhere() && way.under_our_name();
      const bool programs = !way.is_browser();
      if (!operators && (!acts || trusted || programs)) {
        EXPECT_NE(status, 401) << what;
        EXPECT_NE(status, 421) << what;
        EXPECT_FALSE(answer->has("other sites' pages")) << what;
      }
      if (operators && way.reads() && trusted && known) EXPECT_FALSE(refused) << status << what;
      if (HasFailure()) return;  // the same again, hundreds of times, tells nothing
    }
  }
}

TEST_F(Walk, methods_that_a_path_does_not_have_are_405_for_everybody) {
  for (const auto& route : route_table()) {
    for (const auto method : {Method::put, Method::del, Method::patch, Method::options}) {
      for (const auto page : {Page::none, Page::own, Page::foreign}) {
        Way way;
        way.method = method;
        way.page = page;
        EXPECT_EQ(ask(route, way)->status(), 405) << route.pattern << way.text();
      }
    }
  }
}

TEST_F(Walk, two_hosts_or_none_are_no_request) {
  for (const auto& route : route_table()) {
    if (route.method != Method::get) continue;
    host_name = own_address;
    EXPECT_EQ(listen(stranger, path_of(route), "Host: rebound.example\r\n")->status(), 400)
        << route.pattern;
  }
}

// --- names ---

constexpr Route form{Method::post, "/form", Access::anybody, nullptr, "", ""};

Guard::Verdict posted(std::string_view external_url, std::string_view host,
                      std::string_view origin) {
  net::http::Request request;
  request.method = Method::post;
  request.fields.add("Host", host);
  request.fields.add("Origin", origin);
  return Guard(external_url).ask(form, request);
}

TEST(Guard, Knows_its_own_addresses_and_name) {
  using enum Guard::Verdict;
  EXPECT_EQ(posted("", "127.0.0.1:8787", "http://127.0.0.1:8787"), pass);
  EXPECT_EQ(posted("", "[::1]:8787", "http://[::1]:8787"), pass);
  EXPECT_EQ(posted("", "192.168.1.5", "http://192.168.1.5"), pass);
  EXPECT_EQ(posted("", "localhost:8787", "http://localhost:8787"), pass);
  EXPECT_EQ(posted("https://town.example/", "town.example", "https://town.example"), pass);
  EXPECT_EQ(posted("https://town.example:443", "TOWN.example", "https://town.example"), pass);
  EXPECT_EQ(posted("https://town.example:8443", "town.example", "https://town.example:8443"), pass);
  EXPECT_EQ(posted("https://town.example", "10.0.0.1:8787", "http://10.0.0.1:8787"), pass);
}

TEST(Guard, Knows_what_is_not_its_own) {
  using enum Guard::Verdict;
  // Rebinding: the page's own name, and the browser takes us for it.
  EXPECT_EQ(posted("", "evil.example:8787", "http://evil.example:8787"), foreign_name);
  EXPECT_EQ(posted("", "127.0.0.1.evil.example", "http://127.0.0.1.evil.example"), foreign_name);
  EXPECT_EQ(posted("", "localhost.evil.example", "http://localhost.evil.example"), foreign_name);
  EXPECT_EQ(posted("", "[evil]", "http://[evil]"), foreign_name);
  EXPECT_EQ(posted("", "", "http://"), foreign_page);
  // Another server of this machine, and our name without its TLS.
  EXPECT_EQ(posted("", "127.0.0.1:8787", "http://127.0.0.1:9000"), foreign_page);
  EXPECT_EQ(posted("https://town.example", "town.example", "http://town.example"), foreign_page);
  EXPECT_EQ(posted("https://town.example", "town.example", "https://town.example:8443"),
            foreign_page);
  EXPECT_EQ(posted("https://town.example", "127.0.0.1", "null"), foreign_page);
}

}  // namespace
}  // namespace goop::rendezvous
