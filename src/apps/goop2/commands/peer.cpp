// goop2 peer DIR: runs the peer until it is told to stop.

#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "apps/goop2/browser.h"
#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/peer_process.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "base/log.h"
#include "base/process.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {
namespace {

struct Options {
  std::string dir;
  std::vector<std::string> connect;
  std::string server;
  bool open = false;
};

constexpr std::string_view server_key = "presence.rendezvous_wan";

Result<void> check_server(const std::string& url) {
  if (url.find("://") == url.npos) {
    return fail(Errc::invalid,
                "--server takes an address with http:// or https:// before it: http://{}",
                printable(url));
  }
  return peer::setup::ConfigFile::parse("{}", "").set(server_key, url);
}

// As `goop2 config set` would: for this start and all that follow.
void remember_server(peer::setup::Prepared& prepared, const std::string& url) {
  if (prepared.config.values().presence.rendezvous_wan == url) return;
  or_raise(prepared.config.set(server_key, url));
  or_raise(prepared.config.save(prepared.folder));
  say(fmt::format("{} = {}", server_key, url));
}

void introduce_hosted(PeerProcess& process) {
  const auto* hosted = process.hosted();
  if (hosted == nullptr) return;
  for (const auto& url : hosted->connect_urls()) say(fmt::format("Rendezvous: {}", url));
  say(fmt::format("Connections: {} at most", hosted->capacity()));
}

std::string notice_text(const peer::site::SiteNotice& notice, const std::string& folder) {
  using Kind = peer::site::SiteNotice::Kind;
  const auto path = printable(notice.path);
  switch (notice.kind) {
    case Kind::no_folder:
      return fmt::format("{} is not there, or may not be read", folder);
    case Kind::no_front_page:
      return fmt::format("{} has no index.html: visitors find no front page", folder);
    case Kind::not_readable:
      return fmt::format("visitors do not get {}: this program may not read it", path);
    case Kind::link:
      return fmt::format("visitors do not get {}: symbolic links are not followed", path);
  }
  return {};
}

void introduce(PeerProcess& process, const Options& options,
               const peer::Peer::SiteCheck& own_site) {
  auto& peer = process.peer();
  say(fmt::format("Peer: {} ({})", peer.id(), printable(peer.label())));
  for (const auto& address : peer.addresses()) {
    say(fmt::format("Address: {}", address.with_peer(peer.id())));
  }
  for (const auto& notice : own_site.notices) {
    say(fmt::format("Site: {}", notice_text(notice, own_site.folder.string())));
  }
  introduce_hosted(process);
  if (!process.has_viewer()) return say("Viewer: off (viewer.http_addr)");
  auto& viewer = process.viewer();
  // The link logs in whoever has it: it is shown to a person, and written to no log or file.
  const bool to_person = ::isatty(STDOUT_FILENO) == 1;
  say(fmt::format("Viewer: {}", to_person ? viewer.start_url() : viewer.url()));
  if (!to_person) say(fmt::format("Log in: goop2 open {}", options.dir));
  if (!options.open) return;
  const auto opened = open_in_browser(peer.folder(), viewer.start_url());
  if (!opened) say(fmt::format("Open that page in a browser ({}).", opened.error().detail));
}

void connect_to(peer::Peer& peer, const Options& options) {
  for (const auto& address : options.connect) peer.keep(or_raise(peer.learn(address)));
}

Task<> run_peer(Runtime& runtime, PeerProcess& process, const Options& options) {
  OsSignals signals(runtime);
  auto serving = process.start();
  auto started = co_await attempt(std::move(serving));
  if (started) {
    try {
      connect_to(process.peer(), options);
      const auto own_site = co_await process.peer().check_site();
      introduce(process, options, own_site);
      give_back_startup_pages();
      co_await signals.next();
    } catch (const Failure& failure) {
      started = std::unexpected(failure.error());
    }
  }
  TaskScope watch(runtime, "second_signal");
  watch.spawn(end_at_second_signal(runtime, signals, [&process] { process.abandon(); }));
  co_await process.stop(Deadline::after(runtime.now(), limits::stop_budget));
  co_await watch.close();
  or_raise(std::move(started));
}

// presence.rendezvous_only: no peer, the rendezvous server alone.
bool is_server_alone(const Options& options) {
  const auto existing = open_existing(options.dir);
  if (!existing) return false;  // what is wrong is said when the folder is taken
  const auto& presence = existing->config.values().presence;
  return presence.rendezvous_host && presence.rendezvous_only;
}

int run_server_alone(const Options& options) {
  if (!options.connect.empty() || !options.server.empty() || options.open) {
    throw Misuse(fmt::format("presence.rendezvous_only is true: {} runs a server, and no peer",
                             options.dir));
  }
  return run_rendezvous(options.dir);
}

int run_command(const Options& options) {
  if (is_server_alone(options)) return run_server_alone(options);
  for (const auto& address : options.connect) or_misused(wire::parse_address(address));
  if (!options.server.empty()) or_misused(check_server(options.server));
  ::mallopt(M_ARENA_MAX, limits::malloc_arenas);
  std::signal(SIGPIPE, SIG_IGN);  // a closed terminal must not end the peer
  OsRuntime runtime(limits::pool_threads);
  net::OsNetwork network(runtime);
  auto prepared = or_raise(prepare(runtime, options.dir));
  if (const auto created = prepared.created(); !created.empty()) say(created);
  if (!options.server.empty()) remember_server(prepared, options.server);
  for (const auto& warning : prepared.config.warnings()) {
    log::warn("config.warning", {{"at", prepared.config.describe(warning)}});
  }
  if (!prepared.config_warning.empty()) {
    log::warn("config.mended", {{"what", prepared.config_warning}});
  }
  if (!prepared.identity.warning.empty()) {
    log::warn("identity.mended", {{"what", prepared.identity.warning}});
  }
  PeerProcess process(runtime, network, options.dir, std::move(prepared));
  run(runtime, run_peer(runtime, process, options));
  return exit_fine;
}

}  // namespace

void add_peer(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("peer", "Run the peer in DIR; make what is missing of it");
  command->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
  command->add_option("--connect", options->connect, "Stay connected to this peer, and remember it")
      ->option_text("ADDRESS ...")
      ->allow_extra_args(false);
  command
      ->add_option("--server", options->server,
                   "Be found through this rendezvous server, from now on")
      ->option_text("URL");
  command->add_flag("--open", options->open, "Open the viewer in the browser");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
