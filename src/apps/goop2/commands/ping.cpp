// goop2 ping ADDRESS: how long a round trip to a peer takes.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/guest.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "apps/goop2/units.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {
namespace {

struct Options {
  std::string address, from;
  unsigned rounds = 4;
};

struct Rounds {
  Runtime& runtime;
  const Options& options;
  std::vector<Duration> times;

  void add(Duration took) {
    times.push_back(took);
    say(fmt::format("{}: {}", times.size(), time_text(took)));
  }
  bool enough() const { return times.size() >= options.rounds; }

  void sum_up() const {
    Duration all{};
    for (const auto time : times) all += time;
    const auto [least, most] = std::ranges::minmax(times);
    say(fmt::format("{} rounds, least {}, average {}, most {}", times.size(), time_text(least),
                    time_text(all / static_cast<int>(times.size())), time_text(most)));
  }
};

Task<> ping_as_guest(Rounds& rounds, Guest& guest, wire::PeerAddress to) {
  const auto peer = to.peer;
  const auto connection = co_await guest.connect(std::move(to));
  say(fmt::format("{} over {}", peer, connection.remote));
  for (;;) {
    const auto by = Deadline::after(rounds.runtime.now(), limits::answer_time);
    rounds.add(co_await guest.host().ping(peer, by));
    if (rounds.enough()) break;
    co_await rounds.runtime.sleep_for(limits::ping_pause);
  }
}

Task<> ping_through(Rounds& rounds, RunningPeer& running) {
  say(fmt::format("through the running peer {}", rounds.options.from));
  for (;;) {
    json::Object wanted{{"address", rounds.options.address}};
    const auto answer = co_await running.post("/api/ping", std::move(wanted), limits::connect_time);
    const auto* rtt = answer.if_contains("rttMicros");
    if (!rtt || !rtt->is_int64()) raise(Errc::violation, "the running peer says no rttMicros");
    rounds.add(std::chrono::microseconds(rtt->as_int64()));
    if (rounds.enough()) break;
    co_await rounds.runtime.sleep_for(limits::ping_pause);
  }
}

Task<> ping_from(Rounds& rounds, net::Network& network, const store::Folder& folder,
                 wire::PeerAddress to) {
  auto& runtime = rounds.runtime;
  if (const auto running = co_await RunningPeer::find(runtime, network, folder)) {
    co_return co_await ping_through(rounds, *running);
  }
  Guest guest(runtime, network, folder.path());
  co_await with_guest(guest, ping_as_guest(rounds, guest, std::move(to)));
}

int run_command(const Options& options) {
  auto to = or_misused(wire::parse_address(options.address));
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  Rounds rounds{runtime, options, {}};
  if (options.from.empty()) {
    Guest guest(runtime, network);
    run(runtime, with_guest(guest, ping_as_guest(rounds, guest, std::move(to))));
  } else {
    const auto existing = or_raise(open_existing(options.from));
    run(runtime, ping_from(rounds, network, existing.folder, std::move(to)));
  }
  rounds.sum_up();
  return exit_fine;
}

}  // namespace

void add_ping(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("ping", "Measure the round trip to a peer");
  command->add_option("ADDRESS", options->address, "The peer")->required();
  command->add_option("-n", options->rounds, "How often (4)")
      ->option_text("N")
      ->check(CLI::Range(1u, limits::ping_rounds));
  command->add_option("--from", options->from, "As the peer in DIR, through it when it runs")
      ->option_text("DIR")
      ->check(not_empty());
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
