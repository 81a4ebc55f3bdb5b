// goop2: reads the command line and runs the command that it names (commands/).

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/report.h"
#include "base/bytes.h"
#include "base/log.h"

namespace goop::apps {
namespace {

struct Line {
  CLI::App app{"Your own site, served from your own computer; the sites of others in your browser.",
               "goop2"};
  std::string log_level;
  Action chosen;
};

void declare(Line& line) {
  auto& app = line.app;
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.set_help_flag("-h,--help", "Say how to use it");
  app.set_version_flag("--version", "goop2 " GOOP_VERSION, "Say which version this is");
  app.add_option("--log", line.log_level,
                 "What goes to stderr: trace, debug, info, warn, error, off")
      ->option_text("LEVEL");
  app.footer(
      "`goop2 COMMAND -h` says more about one. A peer is a folder, DIR; another peer is an\n"
      "ADDRESS: /ip4/…/tcp/…/p2p/<peer id>, goop://<peer id>?addr=…, or a bare peer id that\n"
      "DIR knows.");
  add_init(app, line.chosen);
  add_peer(app, line.chosen);
  add_rendezvous(app, line.chosen);
  add_open(app, line.chosen);
  add_status(app, line.chosen);
  add_peers(app, line.chosen);
  add_id(app, line.chosen);
  add_visit(app, line.chosen);
  add_ping(app, line.chosen);
  add_perf(app, line.chosen);
  add_config(app, line.chosen);
  add_completion(app, line.chosen);
  add_version(app, line.chosen);
}

std::string names_of(const std::vector<const CLI::App*>& commands) {
  std::string names;
  for (const auto* command : commands) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", command->get_name());
  }
  return names;
}

// What CLI11 has to say: help was asked for, or the line makes no sense.
int parse_ended(const CLI::App& app, const CLI::ParseError& why) {
  if (why.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(why);
    return exit_fine;
  }
  std::string named = "goop2";
  const CLI::App* meant = &app;  // the command, or its part, that the line came to
  for (auto used = app.get_subcommands(); !used.empty(); used = meant->get_subcommands()) {
    meant = used.front();
    named += " " + meant->get_name();
  }
  std::string what = why.what();
  const auto parts = meant->get_subcommands([](const CLI::App*) { return true; });
  const auto rest = app.remaining(true);
  const bool word = !rest.empty() && !rest.front().starts_with('-');
  if (meant == &app && word) {
    what = fmt::format("there is no command {}", printable(rest.front()));
  } else if (meant != &app && !parts.empty()) {
    what = fmt::format("{} wants one of {}{}", meant->get_name(), names_of(parts),
                       word ? fmt::format(", not {}", printable(rest.front())) : "");
  }
  throw Misuse(fmt::format("{}\n`{} -h` says how to use it", what, named));
}

int run_line(int count, char** args) {
  Line line;
  declare(line);
  try {
    line.app.parse(count, args);
  } catch (const CLI::ParseError& why) {
    return parse_ended(line.app, why);
  }
  if (!line.chosen) {
    fmt::print("{}", line.app.help());
    return exit_misused;
  }
  if (!line.log_level.empty()) {
    const auto level = log::parse_level(line.log_level);
    if (!level) throw Misuse("--log takes trace, debug, info, warn, error or off");
    log::set_level(*level);
  } else if (!line.app.got_subcommand("peer") && !line.app.got_subcommand("rendezvous")) {
    log::set_level(log::Level::error);  // who asks for one thing wants that thing
  }
  return line.chosen();
}

}  // namespace
}  // namespace goop::apps

int main(int count, char** args) {
  using namespace goop;
  try {
    return apps::run_line(count, args);
  } catch (const apps::Misuse& misuse) {
    apps::complain(misuse.what());
    return apps::exit_misused;
  } catch (const Failure& failure) {
    apps::complain(apps::advice(failure.error()));
  } catch (const std::exception& failure) {
    apps::complain(failure.what());
  }
  return apps::exit_failed;
}
