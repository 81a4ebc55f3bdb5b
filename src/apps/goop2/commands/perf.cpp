// goop2 perf: how fast bytes go between two libp2p programs; or the other side of that.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/guest.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/perf_run.h"
#include "apps/goop2/perf_server.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "apps/goop2/units.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {
namespace {

struct Options {
  std::string address, from, download, upload;
  std::string listen = "/ip4/127.0.0.1/tcp/0";
  unsigned streams = 1;
  bool serve = false, json = false;
};

struct Measurement {
  Runtime& runtime;
  wire::PeerAddress to;
  PerfPlan plan;
  Duration connected{};
  PerfOutcome outcome = {};
};

Task<> measure(Measurement& measurement, Guest& guest) {
  const auto start = measurement.runtime.now();
  co_await guest.connect(measurement.to);
  measurement.connected = measurement.runtime.now() - start;
  measurement.outcome = co_await measure_perf(guest.host(), measurement.runtime,
                                              measurement.to.peer, measurement.plan);
}

void show(std::string_view what, const PerfDirection& direction) {
  if (direction.bytes == 0) return;
  say(fmt::format("{}: {} in {}, {}", what, size_text(direction.bytes), time_text(direction.time),
                  rate_text(direction.bytes, direction.time)));
}

void report(const Measurement& measurement, const Options& options) {
  const auto& outcome = measurement.outcome;
  if (!options.json) {
    show("download", outcome.download);
    show("upload", outcome.upload);
    return;
  }
  const json::Object answer{{"peerID", measurement.to.peer.to_string()},
                            {"streams", measurement.plan.streams},
                            {"connectMicros", micros(measurement.connected)},
                            {"download", to_json(outcome.download)},
                            {"upload", to_json(outcome.upload)}};
  say(json::write(answer));
}

std::uint64_t size_of(const std::string& text) {
  return text.empty() ? 0 : or_misused(parse_size(text));
}

PerfPlan plan_of(const Options& options) {
  const PerfPlan plan{size_of(options.download), size_of(options.upload), options.streams};
  if (plan.download + plan.upload == 0) {
    throw Misuse("nothing to measure: give --download SIZE or --upload SIZE, such as 1G");
  }
  return plan;
}

int run_command(const Options& options) {
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  if (options.serve) {
    const auto at = or_misused(p2p::Multiaddr::parse(options.listen));
    run(runtime, serve_perf_host(runtime, network, at));
    return exit_fine;
  }
  if (options.address.empty()) throw Misuse("perf wants an ADDRESS, or --serve");
  Measurement measurement{runtime, or_misused(wire::parse_address(options.address)),
                          plan_of(options)};
  auto guest = options.from.empty() ? std::make_unique<Guest>(runtime, network)
                                    : std::make_unique<Guest>(runtime, network, options.from);
  run(runtime, with_guest(*guest, measure(measurement, *guest)));
  report(measurement, options);
  return exit_fine;
}

}  // namespace

void add_perf(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("perf", "Measure how fast bytes go to and from a peer");
  auto* address = command->add_option(
      "ADDRESS", options->address, "What `goop2 perf --serve` or another libp2p program printed");
  auto* serve = command->add_flag("--serve", options->serve, "Be the other side; prints ADDR …");
  command->add_option("--listen", options->listen, "With --serve: where (this machine alone)")
      ->option_text("MULTIADDR")
      ->needs(serve);
  for (auto* only_measuring :
       {command->add_option("--download", options->download, "Bytes to receive: 64M, 1G")
            ->option_text("SIZE"),
        command->add_option("--upload", options->upload, "Bytes to send")->option_text("SIZE"),
        command->add_option("--streams", options->streams, "Over how many streams at once (1)")
            ->option_text("N")
            ->check(CLI::Range(1u, limits::perf_streams)),
        command->add_option("--from", options->from, "As the peer in DIR")->option_text("DIR"),
        address}) {
    only_measuring->excludes(serve);
  }
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
