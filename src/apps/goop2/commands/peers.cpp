// goop2 peers DIR: who the running peer sees; with --watch, also what changes.

#include <CLI/CLI.hpp>
#include <map>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/peer_lines.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "net/http/sse.h"
#include "net/os_network.h"

namespace goop::apps {

struct PeersAnswer {
  std::string cursor;
  std::vector<ListedPeer> peers;
};
BOOST_DESCRIBE_STRUCT(PeersAnswer, (), (cursor, peers))
struct GoneEvent {
  std::string peerID;
};
BOOST_DESCRIBE_STRUCT(GoneEvent, (), (peerID))

namespace {

struct Options {
  std::string dir;
  bool watch = false, json = false;
};

struct Command {
  Runtime& runtime;
  net::Network& network;
  const store::Folder& folder;
  const Options& options;
  PeerLines lines;
  std::map<std::string, ListedPeer> shown = {};  // by id; what a change is compared with
  int exit_code = exit_failed;
};

// The whole list; gives its cursor.
Task<std::string> show_list(Command& command, RunningPeer& running) {
  auto answer = co_await running.get("/api/peers");
  auto list = or_raise(json::read<PeersAnswer>(json::Value(answer)));
  if (command.options.json) {
    const json::Object said{{"running", true}, {"peers", std::move(answer["peers"])}};
    say(json::write(said));
  } else {
    command.lines.table(list.peers, command.runtime.wall());
  }
  command.shown.clear();
  for (auto& peer : list.peers) {
    auto id = peer.peerID;
    command.shown.insert_or_assign(std::move(id), std::move(peer));
  }
  co_return std::move(list.cursor);
}

void show_change(Command& command, const net::http::ServerEvent& event) {
  const auto now = command.runtime.wall();
  if (event.type == "peer-gone") {
    const auto id = or_raise(json::parse_as<GoneEvent>(event.data)).peerID;
    const auto known = command.shown.extract(id);
    if (!known.empty()) command.lines.change(now, "gone", known.mapped());
  } else {
    auto peer = or_raise(json::parse_as<ListedPeer>(event.data));
    auto& before = command.shown[peer.peerID];
    const bool same_state = !before.peerID.empty() && before.online == peer.online;
    command.lines.change(now, same_state ? "changed" : peer.online ? "online" : "offline", peer);
    before = std::move(peer);
  }
}

void show_event(Command& command, const net::http::ServerEvent& event) {
  if (!command.options.json) return show_change(command, event);
  json::Object said{{"event", event.type}};
  auto data = or_raise(json::parse(event.data));
  if (event.type == "peer-gone") {
    said["peerID"] = data.at("peerID");
  } else {
    said["peer"] = std::move(data);
  }
  say(json::write(said));
}

enum class Ended { peer_stopped, list_is_old };

Task<Ended> show_events(Command& command, net::http::Client& news) {
  net::http::EventParser parser;
  for (;;) {
    const auto by = Deadline::after(command.runtime.now(), limits::watch_silence);
    auto coming = news.next(by);
    const auto part = co_await attempt(std::move(coming));
    // However the stream ends, it is the peer that ends it.
    if (!part && part.error().code != Errc::closed) throw Failure(part.error());
    if (!part || part->empty()) co_return Ended::peer_stopped;
    for (const auto& event : or_raise(parser.feed(*part))) {
      if (event.type == "gap") co_return Ended::list_is_old;
      if (event.type == "peer" || event.type == "peer-gone") show_event(command, event);
    }
  }
}

void say_not_running(const Options& options, std::string_view text) {
  if (options.json) say(json::write(json::Object{{"running", false}}));
  complain(text);
}

Task<> run_peers(Command& command) {
  auto& [runtime, network, folder, options, lines, shown, exit_code] = command;
  for (;;) {
    const auto running = co_await RunningPeer::find(runtime, network, folder);
    if (!running) {
      exit_code = exit_failed;
      co_return say_not_running(options, not_running(options.dir));
    }
    auto cursor = co_await show_list(command, *running);
    exit_code = exit_fine;
    if (!options.watch) co_return;
    auto* news = co_await running->events(std::move(cursor));
    const auto ended = co_await show_events(command, *news);
    if (ended == Ended::list_is_old) continue;
    exit_code = exit_failed;
    co_return say_not_running(options, fmt::format("{} has stopped", options.dir));
  }
}

int run_command(const Options& options) {
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  const auto existing = or_raise(open_existing(options.dir));
  Command command{runtime, network, existing.folder, options,
                  PeerLines(PeerLines::colours_wanted())};
  run(runtime, run_peers(command));
  return command.exit_code;
}

}  // namespace

void add_peers(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("peers", "List who the running peer in DIR sees");
  command->add_option("DIR", options->dir, "The peer's folder")->required()->check(not_empty());
  command->add_flag("--watch", options->watch, "Go on, and say what changes");
  command->add_flag("--json", options->json, "As JSON, a line each");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
