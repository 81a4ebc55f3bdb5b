#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "peer/setup/config_edit.h"
#include "peer/setup/config_file.h"
#include "peer/setup/limits.h"
#include "peer/setup/viewer_address.h"
#include "testing/files/temp_folder.h"

namespace goop::peer::setup {
namespace {

using goop::testing::TempFolder;

ConfigFile file(std::string_view text) { return ConfigFile::parse(std::string(text), "goop.json"); }

std::string problems(std::string_view text) {
  const auto usable = file(text).usable();
  return usable ? "" : usable.error().detail;
}

// The problem of one value, without its place.
std::string problem(std::string_view section, std::string_view body) {
  const auto read = file(fmt::format("{{\"{}\": {{{}}}}}", section, body));
  if (read.problems().empty()) return "";
  return read.problems().front().what;
}

TEST(Config, An_empty_object_gives_all_defaults) {
  const auto read = file("{}");
  EXPECT_TRUE(read.usable());
  EXPECT_EQ(read.values().presence.ttl_seconds, 20);
  EXPECT_EQ(read.values().identity.key_file, "data/identity.key");
  EXPECT_EQ(read.values().presence.templates_dir, "templates");
  EXPECT_EQ(read.values().viewer.largest_file_mb, 4096);
  EXPECT_EQ(read.values().presence.smtp_port, 587);
  EXPECT_TRUE(read.values().lua.kv_enabled);
  EXPECT_TRUE(config_differences(read.values(), Config()).empty());
}

TEST(Config, Values_of_every_type_are_read) {
  const auto read = file(R"({"profile":{"label":"Mira","listed":true},
    "p2p":{"listen_port":4001},"presence":{"trusted_proxies":["10.0.0.0/8","fd00::/8"]}})");
  EXPECT_EQ(problems(read.text()), "");
  EXPECT_EQ(read.values().profile.label, "Mira");
  EXPECT_TRUE(read.values().profile.listed);
  EXPECT_EQ(read.values().p2p.listen_port, 4001);
  EXPECT_EQ(read.values().presence.trusted_proxies.size(), 2u);
}

TEST(Config, Keys_match_in_any_case_and_the_last_one_counts) {
  const auto read = file(R"({"Profile":{"LABEL":"a"},"profile":{"label":"b","Label":"c"}})");
  EXPECT_EQ(read.values().profile.label, "c");
  EXPECT_TRUE(read.warnings().empty());
}

TEST(Config, Null_means_the_default) {
  const auto read = file(R"({"p2p":null,"presence":{"ttl_seconds":null}})");
  EXPECT_TRUE(read.usable());
  EXPECT_EQ(read.values().presence.ttl_seconds, 20);
  EXPECT_EQ(read.origin(*find_config_key("presence.ttl_seconds")), Origin::standard);
}

TEST(Config, A_byte_order_mark_is_dropped) {
  EXPECT_EQ(file("\xef\xbb\xbf{\"p2p\":{\"listen_port\":1}}").values().p2p.listen_port, 1);
}

TEST(Config, Every_wrong_value_is_named_with_line_key_found_and_allowed) {
  EXPECT_EQ(problems("{\n  \"presence\": {\n    \"ttl_seconds\": \"20\",\n"
                     "    \"rendezvous_wan\": \"goop2.com\"\n  },\n"
                     "  \"p2p\": { \"listen_port\": 70000 },\n  \"lua\": 5\n}"),
            "goop.json:3:20: presence.ttl_seconds is \"20\"; allowed: whole number, 1 or more\n"
            "goop.json:4:23: presence.rendezvous_wan is \"goop2.com\"; allowed: text, empty, or an "
            "address like https://goop2.com or http://192.0.2.7:8787\n"
            "goop.json:6:27: p2p.listen_port is 70000; allowed: whole number, 0 to 65535\n"
            "goop.json:7:10: lua is 5; allowed: an object { … }");
}

TEST(Config, Text_that_is_no_JSON_is_named_with_its_line) {
  EXPECT_TRUE(problems("{\n  \"a\": 1,\n}").starts_with("goop.json: line 3, column 1: "));
  EXPECT_TRUE(problems("[]").starts_with("goop.json:1:1: not an object"));
  EXPECT_TRUE(problems("").contains("ends too early"));
}

TEST(Config, Letters_of_another_age_are_named_with_their_line) {
  EXPECT_EQ(problems("{\n  \"profile\": { \"label\": \"Zo\xeb\" }\n}"),
            "goop.json:2:1: no UTF-8; have the editor save it as that");
}

TEST(Config, A_file_that_cannot_be_read_is_named) {
  TempFolder temp;
  temp.put("goop.json/inside", "");
  const auto folder = store::Folder::open(temp.path()).value();
  const auto path = (temp / "goop.json").string();
  EXPECT_TRUE(ConfigFile::load(folder).error().detail.starts_with(path + ": "));
}

TEST(Config, A_site_must_not_hold_the_peers_own_files) {
  for (const auto* root : {".", "./", "..", "../..", "/", "data", "data/", "site/../data"}) {
    EXPECT_TRUE(
        problem("paths", fmt::format("\"site_root\":\"{}\"", root)).contains("paths.site_root is "))
        << root;
  }
  for (const auto* root : {"site", "site/", "../site", "data/site", "database", "/srv/site"}) {
    EXPECT_EQ(problem("paths", fmt::format("\"site_root\":\"{}\"", root)), "") << root;
  }
  EXPECT_NE(problem("identity", R"("key_file":"site/key")"), "");
  EXPECT_NE(problem("presence", R"("peer_db_path":"site/peers.db")"), "");
}

TEST(Config, Size_and_number_of_problems_have_caps) {
  EXPECT_TRUE(problems("{}" + std::string(limits::config_bytes, ' ')).contains("JSON of"));
  std::string many = "{";
  for (std::size_t i = 0; i < 2 * limits::config_problems; ++i) many += "\"p2p\":5,\"x\":1,";
  many += "\"lua\":{}}";
  EXPECT_EQ(file(many).problems().size(), limits::config_problems);
  EXPECT_EQ(file(many).warnings().size(), limits::config_problems);
  EXPECT_LT(problems(R"({"p2p":")" + std::string(10'000, 'x') + "\"}").size(), 300u);
}

TEST(Config, A_whole_number_is_no_fraction_and_fits) {
  EXPECT_NE(problem("presence", R"("ttl_seconds":1.5)"), "");
  EXPECT_NE(problem("presence", R"("ttl_seconds":3000000000)"), "");
  EXPECT_NE(problem("presence", R"("ttl_seconds":true)"), "");
}

TEST(Config, Rules_that_depend_hold_only_then) {
  EXPECT_EQ(problem("presence", R"("rendezvous_port":0)"), "");
  EXPECT_NE(problem("presence", R"("rendezvous_port":0,"rendezvous_host":true)"), "");
  EXPECT_EQ(problem("presence", R"("rendezvous_bind":"x")"), "");
  EXPECT_NE(problem("presence", R"("rendezvous_bind":"x","rendezvous_host":true)"), "");
  EXPECT_EQ(problem("presence", R"("relay_poll_deadline_sec":-1)"), "");
  EXPECT_NE(
      problem("presence", R"("relay_poll_deadline_sec":-1,"relay_port":1,"rendezvous_host":true)"),
      "");
  EXPECT_EQ(problem("lua", R"("timeout_seconds":61)"), "");
  EXPECT_NE(problem("lua", R"("timeout_seconds":61,"enabled":true)"), "");
  EXPECT_NE(problem("lua", R"("max_memory_mb":0,"enabled":true)"), "");
  EXPECT_NE(problem("lua", R"("rate_limit_global":0,"enabled":true)"), "");
}

TEST(Config, Rules_between_keys_hold) {
  EXPECT_EQ(problem("presence", R"("heartbeat_seconds":20)"),
            "presence.heartbeat_seconds is 20; allowed: less than presence.ttl_seconds");
  EXPECT_NE(problem("presence", R"("ttl_seconds":5)"), "");
  EXPECT_NE(problem("paths", R"("site_stage":"site/./src/")").find("site_source"), 0u);
  EXPECT_NE(problem("presence", R"("rendezvous_only":true)"), "");
  EXPECT_EQ(problem("presence", R"("rendezvous_only":true,"rendezvous_host":true)"), "");
  EXPECT_NE(problem("presence", R"("relay_port":4001)"), "");
  EXPECT_NE(problem("presence", R"("registration_required":true)"), "");
  EXPECT_EQ(problem("presence", R"("registration_required":true,"peer_db_path":"p.db")"), "");
}

TEST(Config, Web_addresses_are_those_that_can_be_asked) {
  const auto wan = [](std::string_view url) {
    return problem("presence", fmt::format("\"rendezvous_wan\":\"{}\"", url)).empty();
  };
  for (const char* good : {"", "https://goop2.com", "http://127.0.0.1:8787",
                           "https://[2001:db8::1]/x/", "http://localhost"}) {
    EXPECT_TRUE(wan(good)) << good;
  }
  for (const char* bad : {"goop2.com", "ftp://goop2.com", "http://", "http://0.0.0.0:1",
                          "http://[::]", "http://a:0", "http://a:70000", "http://a b"}) {
    EXPECT_FALSE(wan(bad)) << bad;
  }
}

TEST(Config, The_backplane_is_an_address_of_NATS_and_never_shown) {
  const auto backplane = [](std::string_view url) {
    return problem("presence", fmt::format(R"("rendezvous_host":true,"backplane":"{}")", url));
  };
  EXPECT_EQ(backplane("nats://nora:hush@a:4222,nats://b"), "");
  EXPECT_EQ(backplane("tls://a"), "");
  const auto text = backplane("http://nora:hush@a");
  EXPECT_TRUE(text.contains("nats://") && !text.contains("hush")) << text;
}

TEST(Config, Values_from_a_list_and_networks_are_checked) {
  EXPECT_EQ(problem("viewer", R"("cluster_binary_mode":"daemon")"), "");
  EXPECT_EQ(problem("presence", R"("trusted_proxies":["10.0.0.1","::1","fd00::/8"])"), "");
  EXPECT_NE(problem("presence", R"("trusted_proxies":["10.0.0.0/33"])"), "");
  EXPECT_NE(problem("presence", R"("trusted_proxies":["proxy.example"])"), "");
  EXPECT_NE(problem("presence", R"("trusted_proxies":[7])"), "");
  EXPECT_NE(problem("identity", R"("key_file":" ")"), "");
}

TEST(Config, A_wrong_secret_is_not_repeated) {
  const auto read = file(R"({"p2p":{"nacl_private_key":"hush"}})");
  ASSERT_FALSE(read.warnings().empty());
  const auto& text = read.warnings().front().what;
  EXPECT_TRUE(text.contains("***") && !text.contains("hush")) << text;
}

// Each of these starts the reference program.
TEST(Config, Of_a_file_that_starts_the_reference_program_unusable_values_are_replaced_and_named) {
  struct Case {
    std::string_view section, body, used;
  };
  for (const auto& [section, body, used] : std::initializer_list<Case>{
           {"viewer", R"("theme":"pink")", R"("dark" is used)"},
           {"viewer", R"("cluster_binary_mode":"swarm")", R"("" is used)"},
           {"viewer", R"("peer_offline_grace_min":61)", "15 is used"},
           {"viewer", R"("peer_offline_grace_min":0)", "15 is used"},
           {"viewer", R"("http_addr":"0.0.0.0:8080")", R"("127.0.0.1:8080" is used)"},
           {"viewer", R"("http_addr":" [::]:8080 ")", R"("127.0.0.1:8080" is used)"},
           {"p2p", R"("nacl_public_key":"short")", R"("" is used)"},
           {"presence", R"("rendezvous_wan":" https://goop2.com\n")",
            R"("https://goop2.com" is used)"},
           {"presence", R"("credits_url":"localhost:8800")", R"("" is used)"},
           {"presence", R"("bridge_url":" http://localhost:8804 ")",
            R"("http://localhost:8804" is used)"},
           {"presence", R"("external_url":"goop2.com")", R"("" is used)"}}) {
    const auto read = file(fmt::format("{{\"{}\": {{{}}}}}", section, body));
    EXPECT_TRUE(read.usable()) << body << problems(read.text());
    ASSERT_FALSE(read.warnings().empty()) << body;
    const auto& warning = read.warnings().front();
    EXPECT_TRUE(warning.at && warning.what.contains(used)) << warning.what;
  }
  EXPECT_EQ(file(R"({"viewer":{"http_addr":"0.0.0.0:8080"}})").values().viewer.http_addr,
            "127.0.0.1:8080");
}

TEST(Config, What_would_endanger_its_owner_is_refused_although_the_reference_program_starts) {
  EXPECT_NE(problem("viewer", R"("http_addr":"192.168.1.2:8080")"), "");
  EXPECT_NE(problem("paths", R"("site_root":".")"), "");
}

TEST(Config, A_peer_behind_a_bridge_is_refused_with_a_sentence) {
  EXPECT_EQ(problem("p2p", R"("bridge_mode":true)"),
            "p2p.bridge_mode is true; allowed: false; connecting through a bridge service is still "
            "to be built, and a peer with connections of its own needs none");
}

TEST(Config, Keys_without_effect_yet_are_named_when_they_ask_for_something) {
  const auto read = file(R"({"lua":{"enabled":true,"kv_enabled":true},"viewer":{"debug":true}})");
  EXPECT_TRUE(read.usable());
  ASSERT_EQ(read.warnings().size(), 1u);
  EXPECT_EQ(read.describe(read.warnings().front()),
            "goop.json:1:19: without effect, because what it is for is still to be built: "
            "viewer.debug, lua.enabled");
  EXPECT_TRUE(file(R"({"lua":{"enabled":false}})").warnings().empty());
}

TEST(ViewerAddress, Only_this_machine_is_let_in) {
  using Kind = ViewerAddress::Kind;
  EXPECT_EQ(parse_viewer_address("").value().kind, Kind::free_port);
  EXPECT_EQ(parse_viewer_address("127.0.0.1:0").value().kind, Kind::free_port);
  EXPECT_EQ(parse_viewer_address("off").value().kind, Kind::off);
  EXPECT_EQ(parse_viewer_address("-").value().kind, Kind::off);
  for (const char* good : {"127.0.0.1:8080", ":8080", "localhost:8080", "[::1]:8080"}) {
    EXPECT_EQ(parse_viewer_address(good), (ViewerAddress{Kind::fixed, 8080})) << good;
  }
  for (const char* bad : {"0.0.0.0:8080", "192.168.1.2:80", "[::]:1", "8080", "127.0.0.1:", ":x",
                          ":65536", "127.0.0.1"}) {
    EXPECT_FALSE(parse_viewer_address(bad)) << bad;
  }
}

TEST(Config, Unknown_keys_are_warned_about_and_kept) {
  auto read = file(R"({"profile":{"labl":"x"},"future":{"a":{"b":1}}})");
  EXPECT_TRUE(read.usable());
  ASSERT_EQ(read.warnings().size(), 2u);
  EXPECT_EQ(read.describe(read.warnings()[0]),
            "goop.json:1:13: profile.labl is not a key of this version; kept as it is");
  EXPECT_TRUE(read.warnings()[1].what.starts_with("future is not"));
  ASSERT_TRUE(read.set("profile.label", "Mira"));
  EXPECT_EQ(read.text(), R"({"profile":{"labl":"x", "label": "Mira"},"future":{"a":{"b":1}}})");
}

TEST(ConfigSet, Only_the_value_changes) {
  EXPECT_EQ(
      with_value("{ \"p2p\" :{\"x\":1,\"listen_port\":  0  ,\"y\":2}}", "p2p", "listen_port", "7"),
      "{ \"p2p\" :{\"x\":1,\"listen_port\":  7  ,\"y\":2}}");
  EXPECT_EQ(with_value(R"({"P2P":{"Listen_Port":0}})", "p2p", "listen_port", "7"),
            R"({"P2P":{"Listen_Port":7}})");
  EXPECT_EQ(with_value(R"({"a":{"b":1},"a":{"b":2}})", "a", "b", "3"),
            R"({"a":{"b":1},"a":{"b":3}})");
}

TEST(ConfigSet, What_is_missing_is_added_as_its_neighbours_are_written) {
  EXPECT_EQ(with_value("{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": {}\n}\n", "a", "d", "2"),
            "{\n  \"a\": {\n    \"b\": 1,\n    \"d\": 2\n  },\n  \"c\": {}\n}\n");
  EXPECT_EQ(with_value("{\n  \"a\": {}\n}", "a", "d", "2"), "{\n  \"a\": {\n    \"d\": 2\n  }\n}");
  EXPECT_EQ(with_value("{\n  \"a\": 1\n}", "b", "c", "2"),
            "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}");
  EXPECT_EQ(with_value("{}", "b", "c", "2"), "{\n  \"b\": {\n    \"c\": 2\n  }\n}");
  EXPECT_EQ(with_value(R"({"a":1})", "b", "c", "2"), R"({"a":1, "b": {"c": 2}})");
  EXPECT_EQ(with_value(R"({"b":null})", "b", "c", "2"), R"({"b":{"c": 2}})");
}

TEST(ConfigSet, Text_as_typed_becomes_the_keys_type) {
  auto read = file("{}");
  EXPECT_TRUE(read.set("profile.label", "20"));
  EXPECT_TRUE(read.set("PRESENCE.TTL_SECONDS", "30"));
  EXPECT_TRUE(read.set("lua.enabled", "true"));
  EXPECT_TRUE(read.set("presence.trusted_proxies", "10.0.0.0/8, fd00::/8"));
  EXPECT_EQ(read.values().profile.label, "20");
  EXPECT_EQ(read.values().presence.ttl_seconds, 30);
  EXPECT_EQ(read.values().presence.trusted_proxies.size(), 2u);
  EXPECT_TRUE(read.set("presence.trusted_proxies", "[]"));
  EXPECT_TRUE(read.values().presence.trusted_proxies.empty());
  EXPECT_EQ(problems(read.text()), "");
}

TEST(ConfigSet, What_is_wrong_is_refused_and_changes_nothing) {
  auto read = file(R"({"presence":{"ttl_seconds":9}})");
  const auto before = read.text();
  EXPECT_EQ(read.set("presence.ttl", "1").error().code, Errc::not_found);
  EXPECT_EQ(read.set("presence.ttl_seconds", "soon").error().code, Errc::invalid);
  EXPECT_EQ(read.set("presence.ttl_seconds", "4").error().code, Errc::invalid);  // heartbeat is 5
  EXPECT_EQ(read.set("profile.label", "\xff").error().code, Errc::invalid);
  EXPECT_EQ(read.set("viewer.theme", "pink").error().code, Errc::invalid);
  EXPECT_EQ(read.set("viewer.http_addr", "0.0.0.0:80").error().code, Errc::invalid);
  EXPECT_EQ(read.text(), before);
  EXPECT_EQ(file("{").set("profile.label", "x").error().code, Errc::conflict);
}

TEST(ConfigSet, Mistakes_can_be_mended_one_by_one) {
  auto read = file(R"({"presence":{"ttl_seconds":"x"},"p2p":{"listen_port":-1}})");
  EXPECT_EQ(read.problems().size(), 2u);
  EXPECT_TRUE(read.set("p2p.listen_port", "0"));
  EXPECT_TRUE(read.set("presence.ttl_seconds", "20"));
  EXPECT_TRUE(read.usable());
}

TEST(Config, An_override_counts_for_this_run_and_is_never_saved) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  auto read = file("{}");
  ASSERT_TRUE(read.override_value("presence.rendezvous_port", "9000"));
  EXPECT_FALSE(read.override_value("presence.rendezvous_port", "x"));
  EXPECT_FALSE(read.override_value("presence.rendezvous_port", "0"));
  EXPECT_EQ(read.values().presence.rendezvous_port, 9000);
  ASSERT_TRUE(read.set("profile.label", "x"));
  EXPECT_EQ(read.values().presence.rendezvous_port, 9000);
  ASSERT_TRUE(read.save(folder));
  EXPECT_FALSE(temp.get("goop.json").contains("9000"));
  EXPECT_EQ(temp.mode("goop.json"), 0600u);
  EXPECT_EQ(ConfigFile::load(folder)->values().profile.label, "x");
}

TEST(Config, Show_tells_where_each_value_comes_from_and_hides_secrets) {
  auto read =
      file("{\n\"profile\":{\"label\":\"Mira\"},\n\"presence\":{\"admin_password\":\"hush\"}}");
  ASSERT_TRUE(read.override_value("p2p.listen_port", "1"));
  const auto text = read.show(ShowOrigin::yes);
  EXPECT_TRUE(text.contains("profile.label = \"Mira\"  (goop.json:2)\n"));
  EXPECT_TRUE(text.contains("p2p.listen_port = 1  (overridden)\n"));
  EXPECT_TRUE(text.contains("presence.ttl_seconds = 20  (default)\n"));
  EXPECT_TRUE(text.contains("presence.admin_password = \"***\""));
  EXPECT_FALSE(text.contains("hush"));
  EXPECT_TRUE(read.show(ShowOrigin::no).contains("presence.ttl_seconds = 20\n"));
}

TEST(Config, Differences_say_what_a_running_peer_has_to_take_over) {
  const auto before = file("{}").values();
  const auto after = file(R"({"profile":{"label":"x"},"p2p":{"listen_port":1}})").values();
  const auto keys = config_differences(before, after);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0]->name, "p2p.listen_port");
  EXPECT_EQ(keys[0]->applies, Applies::at_next_start);
  EXPECT_EQ(keys[1]->applies, Applies::at_once);
}

TEST(Config, The_first_file_of_a_folder_is_fine) {
  const auto read = file(first_config_text("Mira \"the\" first"));
  EXPECT_TRUE(read.usable());
  EXPECT_EQ(read.values().profile.label, "Mira \"the\" first");
}

TEST(ConfigTable, Every_key_is_there_once_and_its_default_keeps_its_rule) {
  std::set<std::string_view> names;
  Config config;
  config.presence.rendezvous_host = true;
  config.lua.enabled = true;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(key.rule.holds(key.standard)) << key.name;
    EXPECT_EQ(config_value(key, Config()), key.standard) << key.name;
    EXPECT_FALSE(key.about.empty()) << key.name;
  }
  // Each value has a place of its own.
  Config places;
  std::set<void*> slots;
  for (const ConfigKey& key : config_keys()) {
    std::visit([&](auto* slot) { EXPECT_TRUE(slots.insert(slot).second) << key.name; },
               key.slot(places));
  }
}

TEST(ConfigTable, The_manuals_page_says_what_the_table_says) {
  const std::string page = std::string(GOOP_SOURCE_DIR) + "/docs/user/configuration.md";
  if (std::getenv("GOOP_WRITE_DOCS")) std::ofstream(page) << config_docs();
  std::ifstream in(page);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, config_docs()) << "GOOP_WRITE_DOCS=1 peer_setup_test writes it anew";
}

TEST(Config, Who_can_see_us_is_said_where_it_is_fewer_than_usual) {
  const auto read = file(R"({"p2p":{"mdns_tag":"class-7b"},"presence":{"topic":"room"}})");
  ASSERT_EQ(read.warnings().size(), 2u);
  EXPECT_NE(read.describe(read.warnings()[0]).find("p2p.mdns_tag \"class-7b\""), std::string::npos);
  EXPECT_NE(read.describe(read.warnings()[1]).find("presence.topic \"room\""), std::string::npos);
  EXPECT_TRUE(read.usable());
  EXPECT_TRUE(file(R"({"p2p":{"mdns_tag":"goop-mdns"}})").warnings().empty());
}

}  // namespace
}  // namespace goop::peer::setup
