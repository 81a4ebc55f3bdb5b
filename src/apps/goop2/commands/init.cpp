// goop2 init DIR: makes what is missing of a peer's folder.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/report.h"
#include "base/os_runtime.h"

namespace goop::apps {
namespace {

int run_command(const std::string& dir) {
  OsRuntime runtime;
  const auto prepared = or_raise(prepare(runtime, dir));
  const auto created = prepared.created();
  say(created.empty() ? fmt::format("{} is complete already", dir) : created);
  say(fmt::format("Peer: {}", prepared.identity.id));
  return exit_fine;
}

}  // namespace

void add_init(CLI::App& app, Action& chosen) {
  auto dir = std::make_shared<std::string>();
  auto* command = app.add_subcommand("init", "Make a peer's folder, and start nothing");
  command->add_option("DIR", *dir, "The peer's folder")->required()->check(not_empty());
  command->callback([dir, &chosen] { chosen = [dir] { return run_command(*dir); }; });
}

}  // namespace goop::apps
