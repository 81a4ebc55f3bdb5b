// The operator at work: logging in, looking, kicking, blocking; and whoever is not the operator.
#include "base/base64.h"
#include "base/json.h"
#include "crypto/password.h"
#include "rendezvous/operator/blocks.h"
#include "rendezvous/operator/limits.h"
#include "rendezvous/operator/puzzle_test_kit.h"
#include "rendezvous/server_test_kit.h"
#include "testing/files/temp_folder.h"

namespace goop::rendezvous {
namespace {

using FieldList = std::vector<std::pair<std::string, std::string>>;

struct Answered {
  int status = 0;
  std::string body, cookie, location, challenge, policy;

  json::Value value() const { return json::parse(body).value(); }
};

const std::string& known_hash() {
  static const auto hash = crypto::hash_password("let me in");
  return hash;
}

struct DeskTest : TownTest {
  DeskTest() : TownTest(with()) {}
  explicit DeskTest(Options options) : TownTest(std::move(options)) {}
  static Options with() {
    auto options = roomy();
    options.admin_password = known_hash();
    return options;
  }

  Answered ask(sim::SimHost& from, std::string_view method, std::string target, FieldList fields,
               std::string body = {}) {
    net::http::ClientRequest request;
    request.method = method;
    request.target = std::move(target);
    request.fields = std::move(fields);
    request.body = std::move(body);
    request.host = host;
    return rt.wait(ask_task(from, std::move(request)));
  }
  Task<Answered> ask_task(sim::SimHost& from, net::http::ClientRequest request) {
    const auto by = Deadline::after(rt.now(), 10s);
    auto client = co_await net::http::Client::connect(rt, from, {here.address(), 8787}, by);
    const auto* head = co_await client->send(std::move(request), by);
    const auto field = [head](std::string_view name) {
      return std::string(head->fields.find(name).value_or(""));
    };
    Answered answered{head->status,
                      {},
                      field("Set-Cookie"),
                      field("Location"),
                      field("WWW-Authenticate"),
                      field("Content-Security-Policy")};
    const auto bytes = co_await client->read_body(16 << 20, by);
    answered.body = to_text(bytes);
    co_return answered;
  }

  // --- a browser with the operator's page ---

  std::string origin() const { return fmt::format("http://{}:8787", here.address().to_string()); }
  FieldList page_fields() const {
    return {{"Origin", origin()}, {"Content-Type", "application/json"}};
  }
  Answered try_password(sim::SimHost& from, std::string_view password) {
    return ask(from, "POST", "/api/operator/login", page_fields(),
               fmt::format(R"({{"password":"{}"}})", password));
  }
  static std::string proof_for(const Answered& asked) {
    const auto puzzle = asked.value();
    return solve(puzzle.at("challenge").as_string(), puzzle.at("bits").to_number<unsigned>());
  }
  void log_in() {
    const auto answered = try_password(home, "let me in");
    ASSERT_EQ(answered.status, 200);
    cookie = answered.cookie.substr(0, answered.cookie.find(';'));
    token = std::string(answered.value().at("token").as_string());
  }
  FieldList session() const {
    auto fields = page_fields();
    fields.emplace_back("Cookie", cookie);
    fields.emplace_back("X-Goop-Session", token);
    return fields;
  }
  json::Value look(std::string target) {
    const auto answered = ask(home, "GET", std::move(target), session());
    EXPECT_EQ(answered.status, 200) << answered.body;
    return answered.value();
  }
  Answered act(std::string_view what, const p2p::PeerId& peer) {
    return ask(home, "POST", fmt::format("/api/operator/{}", what), session(),
               fmt::format(R"({{"peerID":"{}"}})", peer));
  }

  std::string cookie, token, host;
  Person nora = person(1), ben = person(2);
};

std::string basic(std::string_view password) {
  return "Basic " + to_base64(as_bytes(fmt::format("admin:{}", password)));
}

std::string text_of(const json::Value& value) { return std::string(value.as_string()); }

// --- the gate ---

TEST_F(DeskTest, a_wrong_password_opens_nothing_and_a_sixth_try_has_to_solve_a_puzzle) {
  for (std::size_t i = 0; i < limits::admin_tries_per_minute; ++i) {
    const auto answered = try_password(stranger, "guess");
    EXPECT_EQ(answered.status, 401);
    EXPECT_EQ(answered.cookie, "");
  }
  const auto asked = try_password(stranger, "let me in");
  EXPECT_EQ(asked.status, 428);
  auto proven = page_fields();
  proven.emplace_back("X-Goop-Proof", proof_for(asked));
  const std::string right = R"({"password":"let me in"})";
  EXPECT_EQ(ask(stranger, "POST", "/api/operator/login", proven, right).status, 200);
  EXPECT_EQ(ask(stranger, "POST", "/api/operator/login", proven, right).status, 428);  // a replay
  EXPECT_EQ(try_password(home, "let me in").status, 200);
}

TEST_F(DeskTest, a_session_reads_with_cookie_and_token_and_with_no_less) {
  log_in();
  const auto status = [this](FieldList fields) {
    return ask(home, "GET", "/api/operator/state", std::move(fields)).status;
  };
  EXPECT_EQ(status({{"Cookie", cookie}, {"X-Goop-Session", token}}), 200);
  EXPECT_EQ(status({{"Cookie", cookie}}), 401);
  EXPECT_EQ(status({{"X-Goop-Session", token}}), 401);
  EXPECT_EQ(status({{"Cookie", cookie}, {"X-Goop-Session", "x"}}), 401);
  EXPECT_EQ(status({}), 401);
  EXPECT_EQ(ask(home, "GET", "/logs.json", session()).status, 200);
}

TEST_F(DeskTest, a_browser_without_session_is_led_to_the_login_and_a_program_is_asked) {
  const auto page = ask(stranger, "GET", "/admin", {});
  EXPECT_EQ(page.status, 303);
  EXPECT_EQ(page.location, "/admin/login");
  EXPECT_EQ(ask(stranger, "GET", "/peers.json", {}).challenge, "Basic realm=\"Goop2 Admin\"");
  EXPECT_NE(ask(stranger, "GET", "/peers.json", {{"Sec-Fetch-Mode", "navigate"}}).challenge, "");
  for (const auto& field :
       FieldList{{"X-Goop-Session", "old"}, {"Origin", origin()}, {"Sec-Fetch-Mode", "no-cors"}}) {
    const auto answered = ask(stranger, "GET", "/peers.json", {field});
    EXPECT_EQ(answered.status, 401) << field.first;
    EXPECT_EQ(answered.challenge, "") << field.first;  // no page can make the browser ask
  }
}

TEST_F(DeskTest, only_a_page_of_ours_can_act_with_a_session) {
  log_in();
  const auto status = [this](std::string_view origin_field, std::string_view type) {
    FieldList fields{{"Cookie", cookie}, {"X-Goop-Session", token}};
    if (!origin_field.empty()) fields.emplace_back("Origin", origin_field);
    if (!type.empty()) fields.emplace_back("Content-Type", type);
    return ask(home, "POST", "/api/operator/kick", fields,
               fmt::format(R"({{"peerID":"{}"}})", nora.id))
        .status;
  };
  constexpr std::string_view as_json = "application/json";
  EXPECT_EQ(status(origin(), as_json), 404);  // allowed, and nobody is here
  EXPECT_EQ(status("", as_json), 403);
  EXPECT_EQ(status("null", as_json), 403);
  EXPECT_EQ(status("http://evil.example", as_json), 403);
  EXPECT_EQ(status(origin() + "0", as_json), 403);
  EXPECT_EQ(status(origin(), "text/plain"), 403);
  EXPECT_EQ(status(origin(), ""), 403);
}

TEST_F(DeskTest, a_script_acts_with_basic_and_a_browser_does_not) {
  const auto body = fmt::format(R"({{"peerID":"{}"}})", nora.id);
  const auto status = [&](FieldList fields) {
    fields.emplace_back("Authorization", basic("let me in"));
    return ask(home, "POST", "/api/operator/kick", std::move(fields), body).status;
  };
  EXPECT_EQ(status({}), 404);
  EXPECT_EQ(status({{"Origin", origin()}, {"Content-Type", "application/json"}}), 403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "same-origin"}}), 403);
  EXPECT_EQ(status({{"Cookie", "a=b"}}), 403);
}

TEST_F(DeskTest, another_sites_page_cannot_log_anybody_in) {
  const auto answered = ask(home, "POST", "/api/operator/login",
                            {{"Origin", "http://evil.example"}}, R"({"password":"let me in"})");
  EXPECT_EQ(answered.status, 403);
  EXPECT_EQ(answered.cookie, "");
}

TEST_F(DeskTest, logging_out_ends_the_session) {
  log_in();
  const auto answered = ask(home, "POST", "/api/operator/logout", session());
  EXPECT_EQ(answered.status, 204);
  EXPECT_TRUE(answered.cookie.starts_with("goop-operator=; Path=/; Max-Age=0"));
  EXPECT_EQ(ask(home, "GET", "/api/operator/state", session()).status, 401);
}

TEST_F(DeskTest, a_body_that_is_too_large_or_no_json_is_refused) {
  log_in();
  const auto status = [this](std::string body) {
    return ask(home, "POST", "/api/operator/block", session(), std::move(body)).status;
  };
  EXPECT_EQ(status("{}"), 400);
  EXPECT_EQ(status("x"), 400);
  EXPECT_EQ(status(R"({"peerID":"nobody"})"), 400);
  EXPECT_EQ(status(std::string(limits::operator_body_bytes + 1, ' ')), 413);
}

// --- what is seen ---

TEST_F(DeskTest, peers_are_listed_found_and_told_as_they_are) {
  log_in();
  nora.label = "<b>Nora</b>";
  ben.label = "Ben";
  ASSERT_EQ(say(school, nora).status, 204);
  ASSERT_EQ(say_unsigned(home, ben).status, 204);
  const auto own = socket(school, nora, true);
  say(own, nora);
  const auto all = look("/api/operator/peers");
  EXPECT_EQ(all.at("all"), 2);
  ASSERT_EQ(all.at("peers").as_array().size(), 2u);
  const auto& first = all.at("peers").at(0);
  EXPECT_EQ(first.at("label"), "<b>Nora</b>");
  EXPECT_EQ(text_of(first.at("peerID")), nora.id.to_string());
  EXPECT_EQ(first.at("signed"), true);
  EXPECT_EQ(first.at("socket"), "proven");
  EXPECT_EQ(text_of(first.at("from")), school.address().to_string());
  EXPECT_EQ(first.at("addresses").at(0), "/ip4/203.0.113.9/tcp/4001");
  EXPECT_EQ(all.at("peers").at(1).at("signed"), false);
  EXPECT_EQ(all.at("peers").at(1).at("socket"), "none");

  EXPECT_EQ(look("/api/operator/peers?search=bEN").at("found"), 1);
  EXPECT_EQ(look("/api/operator/peers?search=" + ben.id.to_string()).at("found"), 1);
  EXPECT_EQ(look("/api/operator/peers?search=nobody").at("found"), 0);
  const auto some = look("/api/operator/peers?room=1");
  EXPECT_EQ(some.at("found"), 2);
  EXPECT_EQ(some.at("peers").as_array().size(), 1u);
  EXPECT_EQ(look("/api/operator/peers?room=99999999999999999999").at("found"), 2);
  const auto long_one =
      "/api/operator/peers?search=" + std::string(limits::operator_search_bytes + 1, 'a');
  EXPECT_EQ(ask(home, "GET", long_one, session()).status, 400);
}

TEST_F(DeskTest, one_answer_tells_of_so_many_peers_at_most) {
  log_in();
  for (std::size_t i = 0; i <= limits::operator_rows; ++i) {
    auto message = invented(static_cast<int>(i));
    auto& from = client(static_cast<int>(i / 100));
    ASSERT_EQ(post(from, wire::write_presence(message)).status, 204);
  }
  const auto list = look("/api/operator/peers?room=100000");
  EXPECT_EQ(list.at("found"), limits::operator_rows + 1);
  EXPECT_EQ(list.at("peers").as_array().size(), limits::operator_rows);
}

TEST_F(DeskTest, figures_come_in_samples_that_are_numbered) {
  log_in();
  const auto reader = listen(school, "/events");
  for (int i = 0; i < 5; ++i) say(home, nora);
  pass(3 * limits::sample_every);
  const auto state = look("/api/operator/state");
  EXPECT_EQ(state.at("counts").at("peers"), 1);
  EXPECT_EQ(state.at("counts").at("eventStreams"), 1);
  EXPECT_EQ(state.at("totals").at("published"), 5);
  EXPECT_EQ(state.at("server").at("database"), "none");
  EXPECT_EQ(state.at("sampleSeconds"), 5);
  const auto& samples = state.at("samples").as_array();
  ASSERT_GE(samples.size(), 3u);
  EXPECT_EQ(samples.back().as_array().size(), 7u);
  const auto newest = samples.back().at(0).to_number<std::uint64_t>();
  EXPECT_EQ(
      look(fmt::format("/api/operator/state?after={}", newest - 1)).at("samples").as_array().size(),
      1u);
  pass(limits::sample_every * (limits::samples + 5));
  EXPECT_EQ(look("/api/operator/state").at("samples").as_array().size(), limits::samples);
}

// --- what is done ---

TEST_F(DeskTest, a_kicked_peer_goes_for_everybody_and_may_come_back) {
  log_in();
  say(school, nora);
  const auto own = socket(school, nora, true);
  say(own, nora);
  const auto delta = listen(home, "/events?mode=delta");
  EXPECT_EQ(act("kick", nora.id).status, 200);
  pass(100ms);
  EXPECT_EQ(server->board().size(), 0u);
  EXPECT_EQ(own->close->code, net::http::ws::close_code::policy);
  EXPECT_EQ(own->close->reason, "removed by the operator");
  EXPECT_EQ(delta->count("\"type\":\"offline\""), 1u);
  pass(2s);
  EXPECT_TRUE(own->over);
  EXPECT_EQ(act("kick", nora.id).status, 404);
  EXPECT_EQ(say(school, nora).status, 204);
  EXPECT_EQ(server->board().size(), 1u);
}

TEST_F(DeskTest, a_blocked_peer_is_refused_with_the_reason_until_it_is_unblocked) {
  log_in();
  say(school, nora);
  const auto own = socket(school, nora, true);
  say(own, nora);
  EXPECT_EQ(act("block", nora.id).status, 200);
  pass(2s);
  EXPECT_TRUE(own->over);
  EXPECT_EQ(server->board().size(), 0u);
  const auto refused = say(school, nora);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, "the operator of this server has blocked this peer\n");
  EXPECT_EQ(say_unsigned(stranger, nora).status, 403);
  EXPECT_EQ(socket(school, nora)->status(), 425);
  EXPECT_EQ(server->board().size(), 0u);
  EXPECT_EQ(say(school, ben).status, 204);

  const auto list = look("/api/operator/blocked").at("blocked");
  ASSERT_EQ(list.as_array().size(), 1u);
  EXPECT_EQ(list.at(0).at("label"), "Nora");
  EXPECT_EQ(text_of(list.at(0).at("peerID")), nora.id.to_string());
  EXPECT_EQ(act("unblock", nora.id).status, 200);
  EXPECT_EQ(say(school, nora).status, 204);
}

TEST_F(DeskTest, a_blocked_peer_is_refused_on_a_socket_that_it_has_open) {
  log_in();
  EXPECT_EQ(act("block", nora.id).status, 200);
  EXPECT_TRUE(socket(school, nora)->text.starts_with("HTTP/1.1 4"));
  nora.label = "Nora again";
  say(school, ben);
  const auto bens = socket(school, ben, true);
  EXPECT_EQ(act("block", ben.id).status, 200);
  say(bens, ben);  // too late: it was told goodbye
  pass(1s);
  EXPECT_EQ(server->board().size(), 0u);
}

struct KeptDesk : DeskTest {
  KeptDesk() { reopen(); }
  void reopen() {
    shut();
    options_.peer_db = folder / "peers.db";
    open();
  }
  testing::TempFolder folder;
};

TEST_F(KeptDesk, blocks_survive_a_restart_and_sessions_do_not) {
  log_in();
  say(school, nora);
  say(school, ben);
  EXPECT_EQ(act("block", nora.id).status, 200);
  reopen();
  EXPECT_EQ(ask(home, "GET", "/api/operator/state", session()).status, 401);
  EXPECT_EQ(server->board().size(), 1u);
  EXPECT_EQ(say(school, nora).status, 403);
  log_in();
  EXPECT_EQ(act("unblock", nora.id).status, 200);
  reopen();
  EXPECT_EQ(say(school, nora).status, 204);
}

TEST(BlockedOnTheBoard, is_refused_whoever_passes_it_on) {
  sim::SimRuntime rt{3};
  auto nora = person(1);
  Blocks blocks;
  EXPECT_TRUE(rt.wait(blocks.add(nora.id, {})));
  Board board;
  board.refuse_those_in(blocks);
  for (const auto via : {Via::client, Via::backplane}) {
    const auto outcome =
        board.apply(signed_at(nora, rt.wall()), {Proof::checked, {}, via}, 1, rt.now(), rt.wall());
    ASSERT_TRUE(outcome.refused);
    EXPECT_EQ(outcome.refused->code, Errc::forbidden);
  }
  EXPECT_EQ(board.size(), 0u);
}

// --- pages ---

struct PagedDesk : DeskTest {
  PagedDesk() : DeskTest(with_pages()) {}
  static Options with_pages() {
    static const std::string page = "<!doctype html>";
    static const std::array files{
        Asset{"index.html", "text/html; charset=utf-8", as_bytes(page), {}, {}}};
    static const AssetSet set(files);
    auto options = with();
    options.assets = &set;
    options.external_url = "https://town.example";
    return options;
  }
};

TEST_F(PagedDesk, the_page_is_shown_to_a_session_under_a_strict_policy) {
  const auto login = ask(home, "GET", "/admin/login", {});
  EXPECT_EQ(login.status, 200);
  EXPECT_EQ(login.body, "<!doctype html>");
  EXPECT_EQ(login.policy.find("unsafe"), std::string::npos);
  EXPECT_TRUE(login.policy.starts_with("default-src 'none'; style-src 'self'; "));
  log_in();
  EXPECT_EQ(ask(home, "GET", "/admin", {{"Cookie", cookie}}).status, 200);
  EXPECT_EQ(ask(home, "GET", "/admin", {{"Authorization", basic("let me in")}}).status, 200);
  EXPECT_EQ(ask(home, "GET", "/admin", {{"Authorization", basic("guess")}}).status, 303);
}

TEST_F(PagedDesk, behind_a_proxy_with_tls_the_cookie_is_for_tls_alone) {
  host = "town.example";
  const FieldList fields{{"Origin", "https://town.example"}, {"Content-Type", "application/json"}};
  const auto answered =
      ask(home, "POST", "/api/operator/login", fields, R"({"password":"let me in"})");
  EXPECT_EQ(answered.status, 200);
  EXPECT_TRUE(answered.cookie.ends_with("; SameSite=Strict; Secure")) << answered.cookie;
}

struct Unguarded : TownTest {};

TEST_F(Unguarded, without_a_password_there_is_no_operator) {
  EXPECT_EQ(get(home, "/admin/login").status, 404);
  for (const auto* target : {"/admin", "/api/operator/state", "/api/operator/peers"}) {
    EXPECT_EQ(get(home, target, basic("")).status, 403) << target;
  }
}

}  // namespace
}  // namespace goop::rendezvous
