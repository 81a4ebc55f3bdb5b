// goop2 status DIR: what a running peer says of itself.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "apps/goop2/units.h"
#include "net/os_network.h"
#include "peer/presence/twin_watch.h"

namespace goop::apps {

struct ShownConnection {
  std::string peerID, label, address, direction;
  std::optional<std::int64_t> rttMicros;
};
BOOST_DESCRIBE_STRUCT(ShownConnection, (), (peerID, label, address, direction, rttMicros))
struct ShownServer {
  std::string url, state;
  bool up = false;
  std::optional<std::string> error;
  std::optional<std::int64_t> nextTry, clockAheadMs;
};
BOOST_DESCRIBE_STRUCT(ShownServer, (), (url, state, up, error, nextTry, clockAheadMs))
struct ShownTwin {
  std::string where;
  std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(ShownTwin, (), (where, seen))
struct ShownStatus {
  std::string peerID, label, link, version, url;
  std::int64_t started = 0;
  bool ready = false;
  std::optional<bool> usersToldApart;
  std::vector<std::string> addresses;
  std::vector<ShownConnection> connections;
  std::vector<ShownServer> servers;
  std::optional<ShownTwin> twin;
  std::optional<std::vector<std::string>> notes;
};
BOOST_DESCRIBE_STRUCT(ShownStatus, (),
                      (peerID, label, link, version, url, started, ready, usersToldApart, addresses,
                       connections, servers, twin, notes))

namespace {

struct Options {
  std::string dir;
  bool json = false;
};

std::string clock_text(std::int64_t ahead_ms) {
  return fmt::format("your clock is wrong: {} {} the server's",
                     age_text(std::chrono::milliseconds(std::abs(ahead_ms))),
                     ahead_ms > 0 ? "ahead of" : "behind");
}

// Why nothing of us is taken, or the server is not reached; empty: all is well.
std::string problem_of(const ShownServer& server) {
  if (server.clockAheadMs) return clock_text(*server.clockAheadMs);
  return server.error ? printable(*server.error) : "";
}

// Labels and addresses of other peers are texts of strangers: made fit for a terminal.
void show(const ShownStatus& status, WallTime now) {
  const auto age = std::chrono::milliseconds(to_ms(now) - status.started);
  say(fmt::format("Peer: {} ({})", status.peerID, printable(status.label)));
  say(fmt::format("Running: {} for {}{}", status.version, age_text(age),
                  status.ready ? "" : ", not ready yet"));
  say(fmt::format("Viewer: {}", status.url));
  if (status.usersToldApart == false) {
    say("Users: not told apart on this system; whoever has a login link is you");
  }
  for (const auto& address : status.addresses) say(fmt::format("Address: {}", address));
  say(fmt::format("Link: {}", status.link));
  if (status.twin) {
    const peer::presence::Twin twin{printable(status.twin->where), WallTime()};
    say(fmt::format("Problem: {}", twin.problem()));
  }
  if (status.notes) {
    for (const auto& note : *status.notes) say(fmt::format("Note: {}", printable(note)));
  }
  for (const auto& server : status.servers) {
    const auto problem = problem_of(server);
    say(fmt::format("Server: {} {}{}", printable(server.url), server.state,
                    problem.empty() ? "" : fmt::format(" ({})", problem)));
  }
  if (status.connections.empty()) return say("Connected to nobody");
  say(fmt::format("Connected: {}", status.connections.size()));
  for (const auto& one : status.connections) {
    const auto rtt = one.rttMicros ? time_text(std::chrono::microseconds(*one.rttMicros)) : "";
    say(fmt::format("  {} {} {} {} {}", printable(one.peerID), one.direction,
                    printable(one.address), rtt, printable(one.label)));
  }
}

Task<> ask(Runtime& runtime, net::Network& network, const store::Folder& folder,
           const Options& options, int& exit_code) {
  const auto running = co_await RunningPeer::find(runtime, network, folder);
  json::Object answer{{"running", running != nullptr}};
  exit_code = running ? exit_fine : exit_failed;
  if (running) {
    auto status = co_await running->get("/api/status");
    if (!options.json) co_return show(or_raise(json::read<ShownStatus>(status)), runtime.wall());
    for (auto& member : status) answer[member.key()] = std::move(member.value());
  }
  if (options.json) co_return say(json::write(answer));
  complain(not_running(options.dir));
}

int run_command(const Options& options) {
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  const auto existing = or_raise(open_existing(options.dir));
  int exit_code = exit_failed;
  run(runtime, ask(runtime, network, existing.folder, options, exit_code));
  return exit_code;
}

}  // namespace

void add_status(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("status", "Say how the running peer in DIR is doing");
  command->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
