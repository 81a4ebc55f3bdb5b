// goop2 rendezvous DIR: runs the rendezvous server alone, without a peer, until it is told to stop.

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/rendezvous_setup.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "base/log.h"
#include "base/process.h"
#include "net/os_network.h"
#include "peer/setup/folder_lock.h"
#include "peer/setup/viewer_address.h"

namespace goop::apps {
namespace {

namespace setup = peer::setup;

// The server's folder: goop.json, which is made when it is missing, and the lock.
struct Place {
  store::Folder folder;
  setup::FolderLock lock;
  setup::ConfigFile config;
  bool created;
};

struct Options {
  std::string dir, bind;
};

Result<void> check_bind(const std::string& address) {
  auto empty = setup::ConfigFile::parse(R"({"presence": {"rendezvous_host": true}})", "");
  return empty.set("presence.rendezvous_bind", address);
}

Result<setup::ConfigFile> first_config(const store::Folder& folder) {
  auto config = setup::ConfigFile::parse("{}\n", (folder.path() / setup::config_name).string());
  GOOP_CHECK(config.set("presence.rendezvous_host", "true"));
  GOOP_CHECK(config.set("presence.rendezvous_only", "true"));
  GOOP_CHECK(config.save(folder));
  return config;
}

Result<Place> open_place(const Options& wanted, WallTime now) {
  const std::filesystem::path dir(wanted.dir);
  GOOP_TRY(auto folder, store::Folder::open_or_create(dir, 0755));
  GOOP_TRY(auto lock, setup::FolderLock::take(folder, now));
  if (const auto mended = setup::close_to_others(folder); !mended.empty()) {
    log::warn("config.mended", {{"what", mended}});
  }
  auto config = setup::ConfigFile::load(folder);
  const bool missing = !config && config.error().code == Errc::not_found;
  if (missing) config = first_config(folder);
  if (!config) return std::unexpected(std::move(config.error()));
  if (!wanted.bind.empty() && config->values().presence.rendezvous_bind != wanted.bind) {
    GOOP_CHECK(config->set("presence.rendezvous_bind", wanted.bind));
    GOOP_CHECK(config->save(folder));
  }
  // Whatever the file says of it: this is what was asked for, and its rules hold.
  GOOP_CHECK(config->override_value("presence.rendezvous_host", "true"));
  GOOP_CHECK(config->override_value("presence.rendezvous_only", "true"));
  GOOP_CHECK(config->usable());
  hash_admin_password(folder, *config);
  return Place{std::move(folder), std::move(lock), *std::move(config), missing};
}

// The operator's page is in the place of a viewer.
void warn_of_viewer(const setup::Config& config) {
  const auto& at = config.viewer.http_addr;
  const auto wanted = setup::parse_viewer_address(at);
  if (at.empty() || (wanted && wanted->kind == setup::ViewerAddress::Kind::off)) return;
  log::warn("viewer.not_started",
            {{"viewer.http_addr", at}, {"cause", "a server without a peer has none; see /admin"}});
}

void introduce(const rendezvous::Server& server, const rendezvous::Options& options) {
  for (const auto& url : server.connect_urls()) say(fmt::format("Rendezvous: {}", url));
  say(fmt::format("Connections: {} at most ({} files may be open)", server.capacity(),
                  options.file_limit));
  if (options.bind.address.is_loopback() && options.external_url.empty()) {
    say("Only this machine reaches it; --bind 0.0.0.0 lets others in.");
  }
}

std::string port_taken(const rendezvous::Options& options, const std::string& dir) {
  return fmt::format(
      "the rendezvous server cannot listen on {}: the port is taken\nStop what uses it, or choose "
      "another: goop2 config set {} presence.rendezvous_port PORT",
      options.bind, dir);
}

Task<> run_server(Runtime& runtime, rendezvous::Server& server, const rendezvous::Options& options,
                  const std::string& dir) {
  OsSignals signals(runtime);
  auto starting = server.start();
  auto started = co_await attempt(std::move(starting));
  if (started) {
    introduce(server, options);
    give_back_startup_pages();
    co_await signals.next();
  } else if (started.error().code == Errc::conflict) {
    started.error().detail = port_taken(options, dir);
  }
  TaskScope watch(runtime, "second_signal");
  watch.spawn(end_at_second_signal(runtime, signals, [] {}));
  co_await server.stop(Deadline::after(runtime.now(), limits::stop_budget));
  co_await watch.close();
  or_raise(std::move(started));
}

int run_command(const Options& wanted) {
  const auto& dir = wanted.dir;
  if (!wanted.bind.empty()) or_misused(check_bind(wanted.bind));
  ::mallopt(M_ARENA_MAX, limits::malloc_arenas);
  std::signal(SIGPIPE, SIG_IGN);
  OsRuntime runtime(limits::pool_threads);
  net::OsNetwork network(runtime);
  const auto place = or_raise(open_place(wanted, runtime.wall()));
  if (place.created) say(fmt::format("created {}", (place.folder.path() / "goop.json").string()));
  for (const auto& warning : place.config.warnings()) {
    log::warn("config.warning", {{"at", place.config.describe(warning)}});
  }
  warn_of_viewer(place.config.values());
  const char* port = std::getenv("PORT");
  const auto port_word = port ? std::optional<std::string_view>(port) : std::nullopt;
  const auto options = or_raise(rendezvous_options(place.config, dir, port_word));
  rendezvous::Server server(runtime, network, options);
  run(runtime, run_server(runtime, server, options, dir));
  return exit_fine;
}

}  // namespace

int run_rendezvous(const std::string& dir) { return run_command({dir, {}}); }

void add_rendezvous(CLI::App& app, Action& chosen) {
  auto wanted = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "rendezvous", "Run a rendezvous server from DIR, through which peers find each other");
  command->add_option("DIR", wanted->dir, "The server's folder; made when it is missing")
      ->required()
      ->check(not_empty());
  command
      ->add_option("--bind", wanted->bind,
                   "Listen on this address from now on; 0.0.0.0 lets others in")
      ->option_text("ADDRESS");
  command->callback([wanted, &chosen] { chosen = [wanted] { return run_command(*wanted); }; });
}

}  // namespace goop::apps
