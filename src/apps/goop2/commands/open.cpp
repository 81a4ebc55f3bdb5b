// goop2 open DIR [ADDRESS]: the viewer of a running peer, or a site through it, in the browser.

#include <CLI/CLI.hpp>

#include "apps/goop2/browser.h"
#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {
namespace {

struct Options {
  std::string dir, address;
};

std::string text_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || !value->is_string()) raise(Errc::violation, "the running peer says no {}", key);
  return std::string(value->as_string());
}

Task<> open_page(Runtime& runtime, net::Network& network, const store::Folder& folder,
                 const Options& options) {
  const auto running = co_await RunningPeer::find(runtime, network, folder);
  if (!running) {
    raise(Errc::conflict, "{} is not running; start it with: goop2 peer {} --open", options.dir,
          options.dir);
  }
  std::string link;
  if (options.address.empty()) {
    link = text_at(co_await running->post("/api/open", {}), "url");
  } else {
    json::Object wanted{{"address", options.address}};
    link = text_at(co_await running->post("/api/visit", std::move(wanted)), "siteUrl");
  }
  if (const auto opened = open_in_browser(folder, link); opened) {
    say(fmt::format("Opened in the browser: {}", link.substr(0, link.find('#'))));
  } else {
    say(link);
  }
}

int run_command(const Options& options) {
  if (!options.address.empty()) or_misused(wire::parse_address(options.address));
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  const auto existing = or_raise(open_existing(options.dir));
  run(runtime, open_page(runtime, network, existing.folder, options));
  return exit_fine;
}

}  // namespace

void add_open(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("open", "Open the viewer of the running peer, or a site through it");
  command->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
  command->add_option("ADDRESS", options->address, "The peer whose site to open");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
