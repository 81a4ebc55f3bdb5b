#include "peer/setup/config_keys.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/json.h"
#include "peer/setup/own_files.h"

namespace goop::peer::setup {
namespace {

constexpr auto live = Applies::at_once;
constexpr auto start = Applies::at_next_start;
constexpr auto later = Applies::not_yet;
constexpr int highest_port = 65535;

constexpr When hosting{"presence.rendezvous_host is true",
                       [](const Config& c) { return c.presence.rendezvous_host; }};
constexpr When relaying{"presence.relay_port is set",
                        [](const Config& c) { return c.presence.relay_port > 0; }};
constexpr When scripting{"lua.enabled is true", [](const Config& c) { return c.lua.enabled; }};

// Where a value lives; as a function, because the table is made once and configs are many.
#define AT(member) [](Config& c) -> Slot { return &c.member; }

std::string text(std::string_view value) { return std::string(value); }
std::vector<std::string> empty_list() { return {}; }

std::vector<ConfigKey> make_table() {
  const auto secret = Secrecy::secret;
  const Rule unusable_is_none = or_else(web_address(), text(""));
  return {
      // clang-format off
{"identity.key_file", AT(identity.key_file), text("data/identity.key"), not_blank(), start,
 "File of the peer's cryptographic identity; made at the first start"},

{"paths.site_root", AT(paths.site_root), text("site"), not_blank(), start,
 "Folder that is served to visitors"},
{"paths.site_source", AT(paths.site_source), text("site/src"), not_blank(), start,
 "Sources of the site editor; never served"},
{"paths.site_stage", AT(paths.site_stage), text("site/stage"), not_blank(), start,
 "Where changes are previewed; never served; must differ from `paths.site_source`"},

{"p2p.listen_port", AT(p2p.listen_port), 0, from_to(0, highest_port), start,
 "Port for other peers; 0 takes a free one. Set it when a firewall needs a rule"},
{"p2p.mdns_tag", AT(p2p.mdns_tag), text("goop-mdns"), not_blank(), start,
 "Peers with the same tag find each other on the local network"},
{"p2p.bridge_mode", AT(p2p.bridge_mode), false, anything(), later,
 "Connect through a bridge service instead of being a full peer"},
{"p2p.nacl_public_key", AT(p2p.nacl_public_key), text(""), or_else(nacl_key(), text("")), start,
 "Public key for sealed messages; made at the first use"},
{"p2p.nacl_private_key", AT(p2p.nacl_private_key), text(""), or_else(nacl_key(), text("")), later,
 "Private key for sealed messages; made at the first use", {}, secret},

{"presence.topic", AT(presence.topic), text("goop.presence.v1"), not_blank(), start,
 "Topic of presence messages; peers with another topic do not see each other"},
{"presence.ttl_seconds", AT(presence.ttl_seconds), 20, at_least(1), start,
 "Seconds of silence after which a peer counts as offline"},
{"presence.heartbeat_seconds", AT(presence.heartbeat_seconds), 5, at_least(1), start,
 "Seconds between announcements; less than `presence.ttl_seconds`"},
{"presence.rendezvous_host", AT(presence.rendezvous_host), false, anything(), start,
 "Run a rendezvous server beside the peer"},
{"presence.rendezvous_port", AT(presence.rendezvous_port), 8787, from_to(1, highest_port), start,
 "Port of that server", hosting},
{"presence.rendezvous_bind", AT(presence.rendezvous_bind), text("127.0.0.1"), ip_address(), start,
 "Address that server listens on; 0.0.0.0 lets other machines in", hosting},
{"presence.rendezvous_wan", AT(presence.rendezvous_wan), text(""), or_trimmed(web_address()), start,
 "Address of a rendezvous server to be found through"},
{"presence.rendezvous_only", AT(presence.rendezvous_only), false, anything(), start,
 "Run the rendezvous server alone, without a peer"},
{"presence.rendezvous_peers", AT(presence.rendezvous_peers), 20000, from_to(10, 1'000'000), start,
 "Peers that the server shows at most", hosting},
{"presence.reference_clients", AT(presence.reference_clients), true, anything(), start,
 "Tell addresses to clients that cannot sign, when a peer is here from the same address",
 hosting},
{"presence.admin_password", AT(presence.admin_password), text(""), anything(), start,
 "Password of the server's admin pages, a hash of it after the first start; empty switches them "
 "off",
 {}, secret},
{"presence.external_url", AT(presence.external_url), text(""), unusable_is_none, start,
 "The server's public address, needed behind a reverse proxy"},
{"presence.trusted_proxies", AT(presence.trusted_proxies), empty_list(), network_list(), start,
 "Networks of reverse proxies whose word about a client's address is taken"},
{"presence.peer_db_path", AT(presence.peer_db_path), text(""), anything(), start,
 "Database in which the server keeps peers and registrations; empty keeps none"},
{"presence.backplane", AT(presence.backplane), text(""), nats_address(), start,
 "NATS, through which several servers show one board; empty: this server alone", hosting, secret},
{"presence.relay_port", AT(presence.relay_port), 0, from_to(0, highest_port), later,
 "Port of the relay that runs with the server; 0 runs none"},
{"presence.relay_ws_port", AT(presence.relay_ws_port), 0, from_to(0, highest_port), later,
 "Port of the relay's WebSocket endpoint; 0 runs none", relaying},
{"presence.relay_key_file", AT(presence.relay_key_file), text("data/relay.key"), anything(), later,
 "File of the relay's cryptographic identity"},
{"presence.relay_cleanup_delay_sec", AT(presence.relay_cleanup_delay_sec), 3, at_least(0), later,
 "Told to peers: seconds before a stale relay connection is cleaned up", relaying},
{"presence.relay_poll_deadline_sec", AT(presence.relay_poll_deadline_sec), 10, at_least(0), later,
 "Told to peers: seconds to wait for a relay address", relaying},
{"presence.relay_connect_timeout_sec", AT(presence.relay_connect_timeout_sec), 5, at_least(0),
 later, "Told to peers: seconds to wait for a connection to the relay", relaying},
{"presence.relay_refresh_interval_sec", AT(presence.relay_refresh_interval_sec), 90, at_least(0),
 later, "Told to peers: seconds between renewals of a relay reservation", relaying},
{"presence.relay_recovery_grace_sec", AT(presence.relay_recovery_grace_sec), 5, at_least(0), later,
 "Told to peers: seconds to wait after the relay was lost", relaying},
{"presence.registration_required", AT(presence.registration_required), false, anything(), start,
 "Show peers only after their e-mail address is verified (built-in registration)"},
{"presence.registration_webhook", AT(presence.registration_webhook), text(""), unusable_is_none,
 start, "Address that is told about each verified registration"},
{"presence.smtp_host", AT(presence.smtp_host), text(""), anything(), start,
 "Mail server for verification mails; empty logs the link instead"},
{"presence.smtp_port", AT(presence.smtp_port), 587, from_to(1, highest_port), start,
 "Port of the mail server; 465 means TLS from the start"},
{"presence.smtp_username", AT(presence.smtp_username), text(""), anything(), start,
 "Account at the mail server"},
{"presence.smtp_password", AT(presence.smtp_password), text(""), anything(), start,
 "Password of that account", {}, secret},
{"presence.smtp_from", AT(presence.smtp_from), text(""), anything(), start,
 "Sender of the mails; empty takes `presence.smtp_username`"},
{"presence.use_services", AT(presence.use_services), false, anything(), later,
 "Use the services below; when false their addresses are ignored"},
{"presence.credits_url", AT(presence.credits_url), text(""), unusable_is_none, later,
 "Address of the credits service: template prices and purchases"},
{"presence.registration_url", AT(presence.registration_url), text(""), unusable_is_none, later,
 "Address of the registration service: e-mail verification"},
{"presence.email_url", AT(presence.email_url), text(""), unusable_is_none, later,
 "Address of the e-mail service"},
{"presence.templates_url", AT(presence.templates_url), text(""), unusable_is_none, later,
 "Address of the templates service"},
{"presence.bridge_url", AT(presence.bridge_url), text(""), unusable_is_none, later,
 "Address of the bridge service; also where a peer in bridge mode connects"},
{"presence.encryption_url", AT(presence.encryption_url), text(""), unusable_is_none, later,
 "Address of the encryption service: key exchange"},
{"presence.templates_dir", AT(presence.templates_dir), text("templates"), anything(), later,
 "Folder of store templates, used when `presence.templates_url` is empty"},
{"presence.credits_admin_token", AT(presence.credits_admin_token), text(""), anything(), later,
 "Token for the credits service's admin endpoints", {}, secret},
{"presence.registration_admin_token", AT(presence.registration_admin_token), text(""), anything(),
 later, "Token for the registration service's admin endpoints", {}, secret},
{"presence.templates_admin_token", AT(presence.templates_admin_token), text(""), anything(), later,
 "Token for the templates service's admin endpoints", {}, secret},
{"presence.bridge_admin_token", AT(presence.bridge_admin_token), text(""), anything(), later,
 "Token for the bridge service's admin endpoints", {}, secret},
{"presence.encryption_admin_token", AT(presence.encryption_admin_token), text(""), anything(),
 later, "Token for the encryption service's admin endpoints", {}, secret},

{"profile.label", AT(profile.label), text("hello"), anything(), live,
 "Name shown to other peers"},
{"profile.email", AT(profile.email), text(""), anything(), live,
 "E-mail address, for registration and the avatar"},
{"profile.share_email", AT(profile.share_email), false, anything(), live,
 "Show the e-mail address to other peers, too"},
{"profile.listed", AT(profile.listed), false, anything(), live,
 "Appear on the public page of a rendezvous server"},
{"profile.verification_token", AT(profile.verification_token), text(""), anything(), live,
 "Token of the confirmed e-mail address, from the mail of a server that registers", {}, secret},
{"profile.bridge_token", AT(profile.bridge_token), text(""), anything(), later,
 "Proof for the bridge service; set by the program", {}, secret},

{"viewer.http_addr", AT(viewer.http_addr), text(""), viewer_address(), start,
 "Where the viewer listens on this machine; empty takes a free port, `off` runs none"},
{"viewer.users", AT(viewer.users), empty_list(), user_list(), start,
 "Other users of this computer who use the viewer as its owner, by their names"},
{"viewer.debug", AT(viewer.debug), false, anything(), later,
 "Show what developers want to see"},
{"viewer.theme", AT(viewer.theme), text("dark"),
 or_else(one_of({"dark", "light", "system"}), text("dark")), later,
 "Colours of the viewer"},
{"viewer.preferred_cam", AT(viewer.preferred_cam), text(""), anything(), later,
 "Camera for calls, by its label"},
{"viewer.preferred_mic", AT(viewer.preferred_mic), text(""), anything(), later,
 "Microphone for calls, by its label"},
{"viewer.video_disabled", AT(viewer.video_disabled), false, anything(), live,
 "No audio or video calls at all"},
{"viewer.hide_unverified", AT(viewer.hide_unverified), false, anything(), later,
 "Leave unverified peers out of the list"},
{"viewer.active_template", AT(viewer.active_template), text(""), anything(), live,
 "Folder name of the applied template; set by the program"},
{"viewer.open_sites_external", AT(viewer.open_sites_external), false, anything(), later,
 "Open sites in a browser window of their own instead of a tab of the viewer"},
{"viewer.splash", AT(viewer.splash), text("goop2-splash2.png"), anything(), later,
 "Picture on the page of peers"},
{"viewer.peer_offline_grace_min", AT(viewer.peer_offline_grace_min), 15, or_else(from_to(1, 60), 15),
 live,
 "Minutes after which an offline peer leaves the list; favourites stay"},
{"viewer.largest_file_mb", AT(viewer.largest_file_mb), 4096, from_to(1, 1'048'576), start,
 "Megabytes (of 1024 KiB) that a file of a visited site may have; a larger one is refused"},
{"viewer.cluster_binary_path", AT(viewer.cluster_binary_path), text(""), anything(), later,
 "Program that runs cluster jobs"},
{"viewer.cluster_binary_mode", AT(viewer.cluster_binary_mode), text(""),
 or_else(one_of({"", "oneshot", "daemon"}), text("")), later, "How that program runs; empty means oneshot"},

{"lua.enabled", AT(lua.enabled), false, anything(), later,
 "Run the site's Lua scripts"},
{"lua.script_dir", AT(lua.script_dir), text("site/lua"), not_blank(), start,
 "Folder of the scripts; never served", scripting},
{"lua.timeout_seconds", AT(lua.timeout_seconds), 5, from_to(1, 60), later,
 "Seconds that one call may take", scripting},
{"lua.max_memory_mb", AT(lua.max_memory_mb), 10, from_to(1, 1024), later,
 "Megabytes that one call may use", scripting},
{"lua.rate_limit_per_peer", AT(lua.rate_limit_per_peer), 30, at_least(1), later,
 "Calls per minute of one peer", scripting},
{"lua.rate_limit_global", AT(lua.rate_limit_global), 120, at_least(1), later,
 "Calls per minute of all peers together", scripting},
{"lua.http_enabled", AT(lua.http_enabled), true, anything(), later,
 "Scripts may make HTTP requests"},
{"lua.kv_enabled", AT(lua.kv_enabled), true, anything(), later,
 "Scripts may use the key-value store"},
      // clang-format on
  };
}
#undef AT

std::string cleaned(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().relative_path().string();
}

constexpr std::array cross{
    CrossRule{
        "paths.site_root",
        "a folder without the peer's own files (goop.json, data.db, data, identity.key_file, "
        "presence.relay_key_file, presence.peer_db_path), which every visitor could read",
        [](const Config& c) { return own_file_in_site("/peers/mine", c, Look::at_names).empty(); }},
    CrossRule{"p2p.bridge_mode",
              "false; connecting through a bridge service is still to be built, and a peer with "
              "connections of its own needs none",
              [](const Config& c) { return !c.p2p.bridge_mode; }},
    CrossRule{"paths.site_stage", "another folder than paths.site_source",
              [](const Config& c) {
                return cleaned(c.paths.site_stage) != cleaned(c.paths.site_source);
              }},
    CrossRule{
        "presence.heartbeat_seconds", "less than presence.ttl_seconds",
        [](const Config& c) { return c.presence.heartbeat_seconds < c.presence.ttl_seconds; }},
    CrossRule{
        "presence.rendezvous_only", "true only when presence.rendezvous_host is true, too",
        [](const Config& c) { return !c.presence.rendezvous_only || c.presence.rendezvous_host; }},
    CrossRule{
        "presence.relay_port", "set only when presence.rendezvous_host is true",
        [](const Config& c) { return c.presence.relay_port == 0 || c.presence.rendezvous_host; }},
    CrossRule{"presence.registration_required", "true only when presence.peer_db_path is set",
              [](const Config& c) {
                return !c.presence.registration_required || !c.presence.peer_db_path.empty();
              }},
};

}  // namespace

Config::Config() {
  for (const ConfigKey& key : config_keys()) set_config_value(key, *this, key.standard);
}

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> table = make_table();
  return table;
}

std::span<const CrossRule> cross_rules() { return cross; }

bool same_key(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

const ConfigKey* find_config_key(std::string_view name) {
  for (const ConfigKey& key : config_keys()) {
    if (same_key(key.name, name)) return &key;
  }
  return nullptr;
}

ConfigValue config_value(const ConfigKey& key, const Config& config) {
  // The slot function is for both directions; nothing is written here.
  return std::visit([](auto* place) { return ConfigValue(*place); },
                    key.slot(const_cast<Config&>(config)));
}

void set_config_value(const ConfigKey& key, Config& config, const ConfigValue& value) {
  std::visit(
      [&value](auto* place) {
        const auto* content = std::get_if<std::remove_pointer_t<decltype(place)>>(&value);
        GOOP_ASSERT(content);  // the type of a key never changes
        *place = *content;
      },
      key.slot(config));
}

std::string_view type_name(const ConfigValue& value) {
  constexpr std::string_view names[] = {"true or false", "whole number", "text", "list of texts"};
  return names[value.index()];
}

std::string value_as_json(const ConfigValue& value) {
  return std::visit([](const auto& content) { return json::write(json::to_value(content)); },
                    value);
}

std::string shown_value(const ConfigKey& key, const ConfigValue& value) {
  const bool hidden = key.secrecy == Secrecy::secret && value != key.standard;
  return hidden ? "\"***\"" : value_as_json(value);
}

std::vector<const ConfigKey*> config_differences(const Config& before, const Config& after) {
  std::vector<const ConfigKey*> different;
  for (const ConfigKey& key : config_keys()) {
    if (config_value(key, before) != config_value(key, after)) different.push_back(&key);
  }
  return different;
}

}  // namespace goop::peer::setup
