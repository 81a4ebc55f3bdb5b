// goop2 completion bash|zsh|fish: a script that teaches the shell our commands and options.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/completion.h"
#include "apps/goop2/report.h"

namespace goop::apps {
namespace {

// The command tree as CLI11 has it.
Completable tree_of(const CLI::App& app) {
  Completable node{app.get_name(), app.get_description(), {}, {}};
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      node.options.push_back(
          {"--" + name, option->get_description(),
           option->get_items_expected_max() == 0 ? Takes::nothing : Takes::value});
    }
  }
  for (const auto* part : app.get_subcommands({})) node.parts.push_back(tree_of(*part));
  return node;
}

}  // namespace

void add_completion(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("completion", "Print a script for your shell's completion");
  command->require_subcommand(1);
  const auto add = [&](const char* shell, std::string (*script)(const Completable&)) {
    auto* part = command->add_subcommand(shell, fmt::format("For {}", shell));
    part->callback([&app, &chosen, script] {
      chosen = [&app, script] {
        fmt::print("{}", script(tree_of(app)));
        return exit_fine;
      };
    });
  };
  add("bash", bash_completion);
  add("zsh", zsh_completion);
  add("fish", fish_completion);
}

}  // namespace goop::apps
