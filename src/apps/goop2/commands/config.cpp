// goop2 config show|check|set DIR: goop.json, read and changed.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/report.h"
#include "peer/setup/config_update.h"

namespace goop::apps {
namespace {

namespace setup = peer::setup;

struct Options {
  std::string dir, key, value;
  bool origin = false;
};

int show(const Options& options) {
  const auto config = or_raise(open_existing(options.dir)).config;
  const auto text = config.show(options.origin ? setup::ShowOrigin::yes : setup::ShowOrigin::no);
  fmt::print("{}", text);
  for (const auto& problem : config.problems()) complain(config.describe(problem));
  return config.problems().empty() ? exit_fine : exit_failed;
}

int check(const Options& options) {
  const auto config = or_raise(open_existing(options.dir)).config;
  for (const auto& warning : config.warnings()) say(config.describe(warning));
  for (const auto& problem : config.problems()) complain(config.describe(problem));
  if (!config.problems().empty()) return exit_failed;
  say(fmt::format("{} is fine",
                  (std::filesystem::path(options.dir) / setup::config_name).string()));
  return exit_fine;
}

std::string_view remark(setup::Applies applies) {
  switch (applies) {
    case setup::Applies::at_once:
      return "";
    case setup::Applies::at_next_start:
      return "  (from the next start on)";
    case setup::Applies::not_yet:
      return "  (without effect: what it is for is still to be built)";
  }
  return {};
}

int set(const Options& options) {
  const auto existing = or_raise(open_existing(options.dir));
  const auto set = [&](setup::ConfigFile& file) { return file.set(options.key, options.value); };
  const auto config = or_raise(setup::update_config(existing.folder, set));
  const auto& key = *setup::find_config_key(options.key);
  say(fmt::format("{} = {}{}", key.name,
                  setup::shown_value(key, setup::config_value(key, config.values())),
                  remark(key.applies)));
  for (const auto& problem : config.problems()) complain(config.describe(problem));
  return exit_fine;
}

}  // namespace

void add_config(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("config", "Show, check or change the settings of DIR");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, int (*run)(const Options&)) {
    auto* part = command->add_subcommand(name, about);
    part->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
    part->callback([options, run, &chosen] { chosen = [=] { return run(*options); }; });
    return part;
  };
  add("show", "List every setting with its value", show)
      ->add_flag("--origin", options->origin, "Say where each value comes from");
  add("check", "Name every wrong setting with its line", check);
  auto* change = add("set", "Change one setting; a running peer takes over what it can", set);
  change->add_option("KEY", options->key, "Its name, such as profile.label")->required();
  change->add_option("VALUE", options->value, "Its new value")->required();
}

}  // namespace goop::apps
