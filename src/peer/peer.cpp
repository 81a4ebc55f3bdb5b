#include "peer/peer.h"

#include <charconv>

#include "base/failure_log.h"
#include "base/log.h"
#include "base/supervised.h"
#include "net/network_prefix.h"
#include "peer/avatar.h"
#include "peer/content.h"
#include "peer/limits.h"
#include "peer/setup/config_update.h"
#include "peer/setup/data_schema.h"
#include "peer/setup/limits.h"
#include "peer/setup/own_files.h"
#include "store/check.h"
#include "wire/address.h"

namespace goop::peer {
namespace {

constexpr std::string_view seq_file = "data/record.seq";  // our newest peer record's number

std::uint64_t stored_seq(const store::Folder& folder) {
  std::uint64_t seq = 0;
  if (const auto digits = folder.read(seq_file, limits::seq_digits)) {
    const auto text = as_text(*digits);
    std::from_chars(text.data(), text.data() + text.size(), seq);
  }
  return seq;
}

std::filesystem::path under(const std::filesystem::path& folder, std::string_view path) {
  return folder / std::filesystem::path(path);
}

std::filesystem::path site_root(const std::filesystem::path& folder, const setup::Config& config) {
  const auto root = under(folder, config.paths.site_root);
  or_raise(store::Folder::open_or_create(root, 0755));
  return root;
}

// What of the site's folder is private, for the folder that is there when it is asked.
site::SiteRoot::Inspect site_inspection(const std::filesystem::path& folder,
                                        const setup::Config& config) {
  return [folder, config]() -> Result<site::SiteRules> {
    const auto own = setup::own_file_in_site(folder, config, setup::Look::at_disk);
    if (!own.empty()) {
      return fail(Errc::forbidden, "nothing of {} is shown: the peer's own {} lies in it",
                  config.paths.site_root, own);
    }
    const std::array<std::filesystem::path, 3> hidden = {under(folder, config.lua.script_dir),
                                                         under(folder, config.paths.site_source),
                                                         under(folder, config.paths.site_stage)};
    return site::SiteRules::for_root(under(folder, config.paths.site_root), hidden);
  };
}

std::string_view taken_over(setup::Applies applies) {
  switch (applies) {
    case setup::Applies::at_once:
      return "config.applied";
    case setup::Applies::at_next_start:
      return "config.applies_at_next_start";
    case setup::Applies::not_yet:
      return "config.applies_not_yet";
  }
  return {};
}

std::uint64_t largest_file(const setup::Config& config) {
  return static_cast<std::uint64_t>(config.viewer.largest_file_mb) << 20;
}

std::string label_of(const setup::Config& config) {
  return config.profile.label.empty() ? "hello" : config.profile.label;
}

// Public before private before the rest: what reaches furthest first.
int reach(const p2p::Multiaddr& address) {
  switch (address.scope()) {
    case p2p::AddressScope::public_net:
      return 0;
    case p2p::AddressScope::private_net:
      return 1;
    case p2p::AddressScope::link_local:
      return 2;
    case p2p::AddressScope::unroutable:
      return 3;
    case p2p::AddressScope::loopback:
      return 4;
  }
  return 4;
}

}  // namespace

Peer::Peer(Runtime& runtime, net::Network& network, PeerOptions options)
    : runtime_(runtime),
      network_(network),
      path_(options.path),
      folder_(std::move(options.prepared.folder)),
      lock_(std::move(options.prepared.lock)),
      config_(std::move(options.prepared.config)),
      seen_config_(config_.text()),
      label_(label_of(config_.values())),
      version_(options.agent.substr(options.agent.find('/') + 1)),
      database_(runtime),
      cache_(runtime, database_),
      visits_(runtime, database_),
      host_(runtime, network, host_options(options.prepared.identity.key, options.agent)),
      site_(runtime, site_root(path_, config_.values()), site_inspection(path_, config_.values())),
      server_(runtime, site_),
      client_(runtime, site::open_from(host_), largest_file(config_.values())),
      tls_(runtime),
      links_(runtime, network, tls_, host_.id(), links::Links::servers_of(config_.values()),
             links_out()),
      presence_(runtime, network, host_, cache_, folder_, presence_options()),
      news_(runtime),
      record_grew_(runtime),
      tasks_(runtime, "peer") {
  server_.attach(host_);
  serve_content(runtime, host_, [this] { return label_; });
  serve_no_avatar(runtime, host_);
}

Peer::~Peer() = default;

// The e-mail goes to everybody or, beside the signed part, to a server that registers it.
wire::Presence Peer::profile() const {
  const auto& config = config_.values();
  wire::Presence said;
  said.label = label_;
  if (config.profile.share_email) said.email = config.profile.email;
  said.client_version = version_;
  // Only what works is said: others would open a call, or wait for data, that nobody answers. The
  // template (`activeTemplate`) joins with data, `viewer.video_disabled` counts with calls.
  said.video_disabled = true;
  said.listed = config.profile.listed;
  if (wire::is_public_key(config.p2p.nacl_public_key)) {
    said.public_key = config.p2p.nacl_public_key;
  }
  return said;
}

p2p::HostOptions Peer::host_options(const p2p::KeyPair& key, std::string agent) {
  p2p::HostOptions options(key);
  options.agent_version = std::move(agent);
  const auto port = static_cast<std::uint16_t>(config_.values().p2p.listen_port);
  options.listen = {p2p::Multiaddr::tcp(asio::ip::address_v4::any(), port),
                    p2p::Multiaddr::tcp(asio::ip::address_v6::any(), port)};
  options.min_record_seq = stored_seq(folder_);
  options.knows = [this](const p2p::PeerId& peer, const p2p::Multiaddr& remote) {
    return knows(peer, remote);
  };
  return options;
}

presence::Presence::Options Peer::presence_options() {
  const auto& config = config_.values();
  presence::Presence::Options made;
  made.topic = config.presence.topic;
  made.mdns_service = config.p2p.mdns_tag;
  made.ttl = std::chrono::seconds(config.presence.ttl_seconds);
  made.heartbeat = std::chrono::seconds(config.presence.heartbeat_seconds);
  made.grace = std::chrono::minutes(config.viewer.peer_offline_grace_min);
  made.profile = [this] { return profile(); };
  made.ask_label = [this](p2p::PeerId peer, Deadline by) { return ask_label(peer, by); };
  made.servers = [this](const wire::PresenceMessage& message) { links_.publish(message); };
  made.flush_servers = [this](Deadline by) { return links_.flush(by); };
  made.twin_changed = [this] { news_.publish(SelfChanged{}); };
  return made;
}

links::Links::Out Peer::links_out() {
  links::Links::Out out;
  out.heard = [this](const links::Server& server, const wire::PresenceMessage& message) {
    return presence_.heard_from({server.url, server.scope}, message);
  };
  out.still_here = [this](const std::vector<p2p::PeerId>& peers) { presence_.still_listed(peers); };
  out.gone = [this](const std::vector<p2p::PeerId>& peers) { presence_.unlisted(peers); };
  out.wanted = [this] { presence_.profile_changed(); };
  out.twin = [this](std::int64_t ts, const std::string& address) -> std::optional<std::string> {
    if (!presence_.is_twin(ts, address)) return std::nullopt;
    return presence_.twin()->problem();
  };
  out.add_registration = [this](wire::PresenceMessage& message) {
    const auto& profile = config_.values().profile;
    if (profile.verification_token.empty()) return;  // we are registered nowhere
    message.verification_token = profile.verification_token;
    message.registration_email = profile.email;
  };
  return out;
}

// --- life ---

Task<> Peer::start() {
  started_ = runtime_.wall();
  interfaces_ = network_.interfaces();
  or_raise(host_.start());
  co_await open_stores();
  for (const auto& known : cache_.list()) {
    host_.add_addresses(known.id, known.addresses, limits::known_address_life);
  }
  tasks_.spawn(supervised(runtime_, "peer cache", [this] { return cache_.run(); }));
  tasks_.spawn(supervised(runtime_, "peer host", [this] { return watch_host(); }));
  tasks_.spawn(supervised(runtime_, "record number", [this] { return keep_record_seq(); }));
  tasks_.spawn(supervised(runtime_, "config", [this] { return watch_config(); }));
  tasks_.spawn(supervised(runtime_, "measurements", [this] { return tell_measurements(); }));
  presence_.start();
  links_.start();
  ready_ = true;
}

Task<> Peer::open_stores() {
  auto loading = load_stores();
  const auto loaded = co_await attempt(std::move(loading));
  if (loaded) co_return;
  if (loaded.error().code != Errc::storage) throw Failure(loaded.error());
  const auto file = path_ / setup::data_name;
  auto check = [file] { return store::is_damaged(file); };
  const bool damaged = co_await runtime_.offload(check);
  raise(Errc::storage, "the database {} cannot be used: {}{}", file.string(), loaded.error().detail,
        damaged ? ". The file is damaged: put a backup of it there, or move it away (the next "
                  "start begins with an empty one)"
                : "");
}

Task<> Peer::load_stores() {
  co_await database_.open(path_ / setup::data_name, setup::data_schema());
  co_await cache_.load();
  co_await visits_.load();
}

Task<> Peer::stop(Deadline by) {
  ready_ = false;
  co_await presence_.stop(by);  // while everything that carries the goodbye is up
  co_await links_.stop(by);
  co_await host_.stop(by);
  client_.forget_all();
  co_await tasks_.close();
  auto flushing = cache_.flush();
  const auto flushed = co_await attempt(std::move(flushing));
  if (!flushed) log::warn("peers.not_written", {{"error", flushed.error()}});
  co_await database_.close();
}

Task<> Peer::watch_host() {
  std::uint64_t cursor = host_.events().last();
  for (;;) {
    co_await host_.events().wait(cursor, Deadline::never());
    for (;;) {
      const auto next = host_.events().next(cursor);
      if (!next.event) break;  // a gap costs nothing: what is, is asked
      if (const auto* up = std::get_if<p2p::PeerConnected>(&*next.event)) {
        news_.publish(PeerChanged{up->peer});
      } else if (const auto* known = std::get_if<p2p::PeerIdentified>(&*next.event)) {
        remember(known->peer);
        news_.publish(PeerChanged{known->peer});
      } else if (const auto* gone = std::get_if<p2p::PeerDisconnected>(&*next.event)) {
        client_.forget(gone->peer);
        news_.publish(PeerChanged{gone->peer});
      } else {
        interfaces_ = network_.interfaces();
        news_.publish(SelfChanged{});
      }
    }
    record_grew_.notify_all();
  }
}

// A record that went out must not be followed by one with a lower number, after a crash either.
Task<> Peer::keep_record_seq() {
  FailureLog failures("record_seq");
  for (;;) {
    while (host_.record_seq() <= written_seq_) co_await record_grew_.wait_until(Deadline::never());
    const auto seq = host_.record_seq();
    auto writing = write_record_seq(seq);
    const auto written = co_await attempt(std::move(writing));
    if (written) {
      failures.succeeded();
      written_seq_ = seq;
    } else {
      failures.failed(written.error(), runtime_.now());
      co_await runtime_.sleep_for(limits::record_seq_pause);
    }
  }
}

Task<> Peer::write_record_seq(std::uint64_t seq) {
  auto job = [this, text = fmt::format("{}\n", seq)] {
    return folder_.write_atomic(seq_file, as_bytes(text), 0600);
  };
  auto written = co_await runtime_.offload(job);
  or_raise(std::move(written));
}

setup::RememberedPeer Peer::known_as(const p2p::PeerId& peer) const {
  const auto* known = cache_.find(peer);
  auto copy = known ? *known : setup::RememberedPeer{};
  copy.id = peer;
  return copy;
}

void Peer::remember(const p2p::PeerId& peer) {
  const auto facts = host_.facts(peer);
  if (!facts) return;
  auto seen = known_as(peer);
  seen.addresses = facts->addresses;
  seen.protocols.clear();
  for (const auto& connection : host_.connections(peer)) {
    // The way we came is proven; of the way they came only their own port would be of use.
    const bool listed =
        std::ranges::find(seen.addresses, connection.remote) != seen.addresses.end();
    if (connection.direction == p2p::Direction::outbound && !listed) {
      seen.addresses.push_back(connection.remote);
    }
  }
  for (const auto& protocol : facts->protocols) seen.protocols.push_back(protocol.text());
  // A guest that fetched one file, say: neither to be reached nor to be named.
  if (seen.addresses.empty() && seen.content.empty() && !seen.favorite) return;
  seen.last_seen = runtime_.wall();
  cache_.remember(std::move(seen));
  cache_.met(peer);
}

// Presence probes whoever connects; what the peer answers is its label.
Task<std::string> Peer::ask_label(p2p::PeerId peer, Deadline by) {
  auto label = co_await ask_content(host_, peer, by);
  auto named = known_as(peer);
  if (named.content != label) {
    named.content = label;
    cache_.remember(std::move(named));
    news_.publish(PeerChanged{peer});
  }
  co_return label;
}

// The viewer shows round trips; they are told at a pace that a person can read.
Task<> Peer::tell_measurements() {
  for (;;) {
    co_await runtime_.sleep_for(limits::metric_pace);
    for (const auto& connection : host_.connections()) news_.publish(PeerChanged{connection.peer});
  }
}

// --- configuration ---

Task<> Peer::watch_config() {
  FailureLog failures("config");
  for (;;) {
    co_await runtime_.sleep_for(limits::config_poll);
    auto look = [this] { return setup::ConfigFile::load(folder_); };
    auto looking = runtime_.offload(look);
    auto seen = co_await attempt(std::move(looking));
    auto changed = seen ? std::move(*seen) : std::unexpected(std::move(seen.error()));
    if (!changed) {
      failures.failed(changed.error(), runtime_.now());
      continue;
    }
    failures.succeeded();
    if (changed->text() == seen_config_) continue;
    seen_config_ = changed->text();
    take_config(std::move(*changed));
  }
}

Task<Result<void>> Peer::configure(std::vector<Setting> wanted) {
  if (configuring_) co_return fail(Errc::busy, "another change is being written");
  struct Done {
    bool& flag;
    ~Done() { flag = false; }
  } done{configuring_};
  configuring_ = true;
  auto edit = [this, wanted = std::move(wanted)]() -> Result<setup::ConfigFile> {
    return setup::update_config(folder_, [&](setup::ConfigFile& file) -> Result<void> {
      for (const auto& [key, value] : wanted) GOOP_CHECK(file.set(key, value));
      return file.usable();
    });
  };
  auto changed = co_await runtime_.offload(std::move(edit));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  seen_config_ = changed->text();
  take_config(std::move(*changed));
  co_return Result<void>{};
}

void Peer::take_config(setup::ConfigFile changed) {
  if (auto usable = changed.usable(); !usable) {
    log::warn("config.not_applied", {{"error", usable.error()}});
    return;
  }
  bool profile = false;
  for (const auto* key : setup::config_differences(config_.values(), changed.values())) {
    profile = profile || key->name.starts_with("profile.");
    log::info(taken_over(key->applies), {{"key", key->name}});
  }
  config_ = std::move(changed);
  presence_.set_grace(std::chrono::minutes(config_.values().viewer.peer_offline_grace_min));
  label_ = label_of(config_.values());
  presence_.profile_changed();
  if (profile) news_.publish(SelfChanged{});
}

// --- peers ---

std::vector<p2p::Multiaddr> Peer::addresses() const {
  auto all = host_.addresses();
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return reach(a) != reach(b) ? reach(a) < reach(b) : a < b;
  });
  return all;
}

wire::PeerAddress Peer::link() const {
  wire::PeerAddress link{host_.id(), {}};
  for (auto& address : addresses()) {
    const auto scope = address.scope();
    if (scope == p2p::AddressScope::loopback || scope == p2p::AddressScope::link_local) continue;
    if (link.addresses.size() < limits::link_addresses)
      link.addresses.push_back(std::move(address));
  }
  return link;
}

std::shared_ptr<site::SiteSource> Peer::site(const p2p::PeerId& peer) {
  if (peer == host_.id()) return {std::shared_ptr<void>(), &site_};
  return std::make_shared<site::RemoteSite>(client_, peer);
}

Task<Peer::SiteCheck> Peer::check_site() {
  SiteCheck check{under(path_, config_.values().paths.site_root), {}};
  auto job = [folder = check.folder, inspect = site_inspection(path_, config_.values())] {
    const auto rules = inspect();
    if (!rules) return std::vector<site::SiteNotice>{{site::SiteNotice::Kind::no_folder, ""}};
    return site::look_over(folder, *rules);
  };
  check.notices = co_await runtime_.offload(std::move(job));
  co_return check;
}

Result<p2p::PeerId> Peer::learn(std::string_view address) {
  GOOP_TRY(auto parsed, wire::parse_address(address));
  if (parsed.peer == host_.id()) return parsed.peer;
  if (parsed.addresses.empty() && host_.known_addresses(parsed.peer).empty() &&
      !host_.connected(parsed.peer)) {
    return fail(Errc::not_found, "no address of {} is known; give its full address", parsed.peer);
  }
  host_.add_addresses(parsed.peer, parsed.addresses, limits::known_address_life);
  host_.forget_failures(parsed.peer);
  if (!parsed.addresses.empty())
    cache_.remember_addresses(parsed.peer, std::move(parsed.addresses));
  return parsed.peer;
}

void Peer::visit(const p2p::PeerId& peer) {
  if (peer == host_.id()) return;
  visits_.add(peer, tasks_);
  if (host_.connected(peer)) return;
  auto quiet = [](std::optional<Error>) {};  // the site's page tells
  tasks_.spawn(dial(peer), quiet);
}

bool Peer::knows(const p2p::PeerId& peer, const p2p::Multiaddr& remote) const {
  const auto* met = cache_.find(peer);
  if (met && (met->favorite || met->days_met >= setup::limits::days_known)) return true;
  const auto from = remote.tcp_endpoint();
  const auto* address = from ? std::get_if<p2p::IpAddress>(&from->host) : nullptr;
  return address && std::ranges::any_of(interfaces_, [&](const net::Interface& ours) {
           return !ours.loopback && net::on_subnet_of(ours, *address);
         });
}

void Peer::keep(const p2p::PeerId& peer) {
  if (peer == host_.id() || !kept_.insert(peer).second) return;
  host_.protect(peer, "kept");
  tasks_.spawn(supervised(runtime_, "kept peer", [this, peer] { return keep_connected(peer); }));
}

Task<> Peer::keep_connected(p2p::PeerId peer) {
  Duration pause = limits::redial_first;
  for (;;) {
    if (!host_.connected(peer)) {
      auto dialling = dial(peer);
      const auto reached = co_await attempt(std::move(dialling));
      if (!reached) log::info("keep.failed", {{"peer", peer}, {"error", reached.error()}});
      pause = reached ? limits::redial_first : std::min<Duration>(2 * pause, limits::redial_most);
    }
    co_await runtime_.sleep_for(runtime_.jittered(pause));
    host_.forget_failures(peer);
  }
}

Task<> Peer::dial(p2p::PeerId peer) {
  co_await host_.connect(peer, {}, Deadline::after(runtime_.now(), limits::dial_time));
}

}  // namespace goop::peer
