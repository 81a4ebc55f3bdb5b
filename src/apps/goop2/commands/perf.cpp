// goop2 perf: how fast bytes go between two libp2p programs; or the other side of that.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/guest.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/perf_run.h"
#include "apps/goop2/perf_server.h"
#include "apps/goop2/progress.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "apps/goop2/units.h"
#include "base/task_scope.h"
#include "net/http/sse.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {

struct TimesAnswer {
  std::int64_t connectMicros = 0, downloadMicros = 0, uploadMicros = 0;
};
BOOST_DESCRIBE_STRUCT(TimesAnswer, (), (connectMicros, downloadMicros, uploadMicros))

struct PerfEvent {
  std::string peerID, way;
  std::uint64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(PerfEvent, (), (peerID, way, bytes))

namespace {

struct Options {
  std::string address, from, download, upload;
  std::string listen = "/ip4/127.0.0.1/tcp/0";
  unsigned streams = 1;
  bool serve = false, json = false;
};

// How far a measurement is: a line for each of its directions. A running peer may tell of another
// measurement besides, which one has left to itself.
class Shown {
 public:
  Shown(Runtime& runtime, const PerfPlan& plan) : runtime_(runtime), plan_(plan) {}

  void at(PerfWay way, std::uint64_t bytes) {
    const bool down = way == PerfWay::download;
    const auto total = down ? plan_.download : plan_.upload;
    if (total == 0) return;
    auto& line = down ? download_ : upload_;
    if (!line) line.emplace(runtime_, total);
    line->at(bytes);
  }

 private:
  Runtime& runtime_;
  const PerfPlan& plan_;
  std::optional<Progress> download_, upload_;
};

struct Measurement {
  Runtime& runtime;
  const Options& options;
  wire::PeerAddress to;
  PerfPlan plan;
  PerfTimes times = {};
};

Task<> measure_as_guest(Measurement& measurement, Guest& guest) {
  const auto start = measurement.runtime.now();
  co_await guest.connect(measurement.to);
  const auto connected = measurement.runtime.now();
  Shown shown(measurement.runtime, measurement.plan);
  PerfWatch watch = [&shown](PerfWay way, std::uint64_t bytes) { shown.at(way, bytes); };
  measurement.times = co_await measure_perf(guest.host(), measurement.runtime, measurement.to.peer,
                                            measurement.plan, std::move(watch));
  measurement.times.connect = connected - start;
}

// Shows what the running peer tells of this measurement, until it is cancelled.
Task<> show_news(const Measurement& measurement, net::http::Client& news) {
  const auto peer = measurement.to.peer.to_string();
  Shown shown(measurement.runtime, measurement.plan);
  net::http::EventParser parser;
  for (;;) {
    const auto part = co_await news.next(Deadline::never());
    if (part.empty()) co_return;
    for (const auto& event : or_raise(parser.feed(part))) {
      if (event.type != "perf") continue;
      const auto moved = or_raise(json::parse_as<PerfEvent>(event.data));
      const auto way = moved.way == "download" ? PerfWay::download : PerfWay::upload;
      if (moved.peerID == peer) shown.at(way, moved.bytes);
    }
  }
}

Task<> measure_through(Measurement& measurement, RunningPeer& running) {
  const auto& plan = measurement.plan;
  json::Object wanted{{"address", measurement.options.address},
                      {"download", plan.download},
                      {"upload", plan.upload},
                      {"streams", plan.streams}};
  const auto answer = co_await running.post("/api/perf", std::move(wanted), limits::perf_time);
  const auto times = or_raise(json::read<TimesAnswer>(answer));
  measurement.times = {std::chrono::microseconds(times.connectMicros),
                       std::chrono::microseconds(times.downloadMicros),
                       std::chrono::microseconds(times.uploadMicros)};
}

Task<> measure_watched(Measurement& measurement, RunningPeer& running, RunningPeer& teller) {
  auto* news = co_await teller.events();
  TaskScope watching(measurement.runtime, "perf");
  watching.spawn(show_news(measurement, *news), [](std::optional<Error>) {});  // a line is missing
  std::exception_ptr thrown;
  try {
    co_await measure_through(measurement, running);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  co_await watching.close();
  if (thrown) std::rethrow_exception(thrown);
}

Task<> measure_from(Measurement& measurement, net::Network& network, const store::Folder& folder) {
  auto& runtime = measurement.runtime;
  const auto running = co_await RunningPeer::find(runtime, network, folder);
  if (running && Progress::wanted()) {
    const auto teller = co_await RunningPeer::find(runtime, network, folder);
    if (teller) co_return co_await measure_watched(measurement, *running, *teller);
  }
  if (running) co_return co_await measure_through(measurement, *running);
  Guest guest(runtime, network, folder.path());
  co_await with_guest(guest, measure_as_guest(measurement, guest));
}

void show(std::string_view what, std::uint64_t bytes, Duration time) {
  if (bytes == 0) return;
  say(fmt::format("{}: {} in {}, {}", what, size_text(bytes), time_text(time),
                  rate_text(bytes, time)));
}

json::Object to_json(std::uint64_t bytes, Duration time) {
  return {{"bytes", bytes},
          {"seconds", seconds(time)},
          {"bytesPerSecond", std::llround(per_second(bytes, time))}};
}

void report(const Measurement& measurement) {
  const auto& [download, upload, streams] = measurement.plan;
  const auto& times = measurement.times;
  if (!measurement.options.json) {
    show("download", download, times.download);
    show("upload", upload, times.upload);
    return;
  }
  const json::Object answer{{"peerID", measurement.to.peer.to_string()},
                            {"streams", streams},
                            {"connectMicros", micros(times.connect)},
                            {"download", to_json(download, times.download)},
                            {"upload", to_json(upload, times.upload)}};
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
  Measurement measurement{runtime, options, or_misused(wire::parse_address(options.address)),
                          plan_of(options)};
  if (options.from.empty()) {
    Guest guest(runtime, network);
    run(runtime, with_guest(guest, measure_as_guest(measurement, guest)));
  } else {
    const auto existing = or_raise(open_existing(options.from));
    run(runtime, measure_from(measurement, network, existing.folder));
  }
  report(measurement);
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
        command->add_option("--from", options->from, "As the peer in DIR, through it when it runs")
            ->option_text("DIR")
            ->check(not_empty()),
        address}) {
    only_measuring->excludes(serve);
  }
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
