// goop2 version

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/report.h"

namespace goop::apps {

void add_version(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("version", "Say which version this is");
  command->callback([&chosen] {
    chosen = [] {
      say("goop2 " GOOP_VERSION);
      return exit_fine;
    };
  });
}

}  // namespace goop::apps
