// The values of goop.json, typed; the members are spelled and nested like the keys.
//
// What each key means, its default, its rule and whether it is applied while running stands in one
// table, config_keys.cpp. A Config starts with all defaults from there.
#pragma once

#include <string>
#include <vector>

namespace goop::peer::setup {

struct Config {
  Config();

  struct {
    std::string key_file;
  } identity;

  struct {
    std::string site_root, site_source, site_stage;
  } paths;

  struct {
    int listen_port;
    std::string mdns_tag;
    bool bridge_mode;
    std::string nacl_public_key, nacl_private_key;
  } p2p;

  struct {
    std::string topic;
    int ttl_seconds, heartbeat_seconds;
    bool rendezvous_host;
    int rendezvous_port;
    std::string rendezvous_bind, rendezvous_wan;
    bool rendezvous_only;
    int rendezvous_peers;
    bool reference_clients;
    std::string admin_password, external_url;
    std::vector<std::string> trusted_proxies;
    std::string peer_db_path, backplane;
    int relay_port, relay_ws_port;
    std::string relay_key_file;
    int relay_cleanup_delay_sec, relay_poll_deadline_sec, relay_connect_timeout_sec;
    int relay_refresh_interval_sec, relay_recovery_grace_sec;
    bool registration_required;
    std::string registration_webhook;
    std::string smtp_host;
    int smtp_port;
    std::string smtp_username, smtp_password, smtp_from;
    bool use_services;
    std::string credits_url, registration_url, email_url, templates_url, bridge_url;
    std::string encryption_url, templates_dir;
    std::string credits_admin_token, registration_admin_token, templates_admin_token;
    std::string bridge_admin_token, encryption_admin_token;
  } presence;

  struct {
    std::string label, email;
    bool share_email, listed;
    std::string verification_token, bridge_token;
  } profile;

  struct {
    std::string http_addr;
    std::vector<std::string> users;
    bool debug;
    std::string theme, preferred_cam, preferred_mic;
    bool video_disabled, hide_unverified;
    std::string active_template;
    bool open_sites_external;
    std::string splash;
    int peer_offline_grace_min, largest_file_mb;
    std::string cluster_binary_path, cluster_binary_mode;
  } viewer;

  struct {
    bool enabled;
    std::string script_dir;
    int timeout_seconds, max_memory_mb, rate_limit_per_peer, rate_limit_global;
    bool http_enabled, kv_enabled;
  } lua;
};

}  // namespace goop::peer::setup
