#include "apps/goop2/perf_run.h"

#include "apps/goop2/limits.h"
#include "apps/goop2/progress.h"
#include "apps/goop2/units.h"
#include "base/task_scope.h"
#include "p2p/protocols/perf/perf.h"

namespace goop::apps {
namespace {

enum class Way { download, upload };

// One direction in progress, over all its streams.
struct Round {
  p2p::Host& host;
  Runtime& runtime;
  p2p::PeerId peer;
  Way way;
  Progress progress;
  std::uint64_t done = 0;
  std::optional<Error> failed = {};
};

Task<> run_stream(Round& round, std::uint64_t bytes) {
  p2p::OpenOptions options;
  options.by = Deadline::after(round.runtime.now(), limits::connect_time);
  std::vector<p2p::ProtocolId> protocols{p2p::protocol::perf};
  auto stream = co_await round.host.open(round.peer, std::move(protocols), options);
  p2p::PerfRequest request;
  (round.way == Way::download ? request.download : request.upload) = bytes;
  request.progress = [&round, before = std::uint64_t{0}](const p2p::PerfCounts& counts) mutable {
    const auto now = round.way == Way::download ? counts.received : counts.sent;
    round.done += now - std::exchange(before, now);
    round.progress.at(round.done);
  };
  co_await p2p::run_perf(std::move(stream), round.runtime, std::move(request));
}

Task<PerfDirection> run_round(p2p::Host& host, Runtime& runtime, p2p::PeerId peer, Way way,
                              std::uint64_t bytes, unsigned streams) {
  if (bytes == 0) co_return PerfDirection();
  Round round{host, runtime, peer, way, Progress(runtime, bytes)};
  const auto start = runtime.now();
  TaskScope scope(runtime, "perf");
  for (unsigned i = 0; i < streams; ++i) {
    const auto share = bytes / streams + (i < bytes % streams ? 1 : 0);
    auto on_end = [&round, &scope](std::optional<Error> error) {
      if (!error || round.failed) return;
      round.failed = std::move(error);
      scope.cancel();
    };
    scope.spawn(run_stream(round, share), std::move(on_end));
  }
  co_await scope.join();
  if (round.failed) throw Failure(*round.failed);
  PerfDirection direction;
  direction.bytes = bytes;
  direction.time = runtime.now() - start;
  co_return direction;
}

}  // namespace

Task<PerfOutcome> measure_perf(p2p::Host& host, Runtime& runtime, p2p::PeerId peer, PerfPlan plan) {
  PerfOutcome outcome;
  outcome.download =
      co_await run_round(host, runtime, peer, Way::download, plan.download, plan.streams);
  outcome.upload = co_await run_round(host, runtime, peer, Way::upload, plan.upload, plan.streams);
  co_return outcome;
}

json::Object to_json(const PerfDirection& direction) {
  return {{"bytes", direction.bytes},
          {"seconds", seconds(direction.time)},
          {"bytesPerSecond", std::llround(per_second(direction.bytes, direction.time))}};
}

}  // namespace goop::apps
