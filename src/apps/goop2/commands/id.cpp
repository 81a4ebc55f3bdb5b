// goop2 id DIR: says who the peer is, running or not.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/report.h"
#include "base/json.h"

namespace goop::apps {
namespace {

struct Options {
  std::string dir;
  bool json = false;
};

int run_command(const Options& options) {
  const auto existing = or_raise(open_existing(options.dir));
  const auto& file = existing.config.values().identity.key_file;
  const auto identity = peer::setup::read_identity(options.dir, file);
  if (!identity && identity.error().code == Errc::not_found) {
    raise(Errc::not_found, "{} has no identity yet; `goop2 init {}` makes one", options.dir,
          options.dir);
  }
  const auto id = or_raise(identity).id;
  if (options.json) {
    const json::Object answer{{"peerID", id.to_string()}, {"siteLabel", id.to_cid_base36()}};
    say(json::write(answer));
  } else {
    say(id.to_string());
  }
  return exit_fine;
}

}  // namespace

void add_id(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("id", "Say the peer id of DIR");
  command->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
