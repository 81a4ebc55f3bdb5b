#include "apps/goop2/perf_run.h"

#include "apps/goop2/limits.h"
#include "base/task_scope.h"
#include "p2p/protocols/perf/perf.h"

namespace goop::apps {
namespace {

// One direction in progress, over all its streams.
struct Round {
  p2p::Host& host;
  Runtime& runtime;
  p2p::PeerId peer;
  PerfWay way;
  const PerfWatch& watch;
  std::uint64_t done = 0;
  std::optional<Error> failed = {};
};

Task<> run_stream(Round& round, std::uint64_t bytes) {
  p2p::OpenOptions options;
  options.by = Deadline::after(round.runtime.now(), limits::connect_time);
  std::vector<p2p::ProtocolId> protocols{p2p::protocol::perf};
  auto stream = co_await round.host.open(round.peer, std::move(protocols), options);
  p2p::PerfRequest request;
  (round.way == PerfWay::download ? request.download : request.upload) = bytes;
  request.progress = [&round, before = std::uint64_t{0}](const p2p::PerfCounts& counts) mutable {
    const auto now = round.way == PerfWay::download ? counts.received : counts.sent;
    round.done += now - std::exchange(before, now);
    if (round.watch) round.watch(round.way, round.done);
  };
  co_await p2p::run_perf(std::move(stream), round.runtime, std::move(request));
}

struct Job {
  p2p::Host& host;
  Runtime& runtime;
  p2p::PeerId peer;
  unsigned streams;
  PerfWatch watch;
};

Task<Duration> run_round(const Job& job, PerfWay way, std::uint64_t bytes) {
  if (bytes == 0) co_return Duration{};
  Round round{job.host, job.runtime, job.peer, way, job.watch};
  const auto start = job.runtime.now();
  TaskScope scope(job.runtime, "perf");
  for (unsigned i = 0; i < job.streams; ++i) {
    const auto share = bytes / job.streams + (i < bytes % job.streams ? 1 : 0);
    auto on_end = [&round, &scope](std::optional<Error> error) {
      if (!error || round.failed) return;
      round.failed = std::move(error);
      scope.cancel();
    };
    scope.spawn(run_stream(round, share), std::move(on_end));
  }
  try {
    co_await scope.join();
  } catch (...) {
    round.failed = error_of(std::current_exception());
  }
  if (scope.size() != 0) {
    co_await cleaning_up();
    co_await scope.close();
  }
  if (round.failed) throw Failure(*round.failed);
  co_return job.runtime.now() - start;
}

}  // namespace

Task<PerfTimes> measure_perf(p2p::Host& host, Runtime& runtime, p2p::PeerId peer, PerfPlan plan,
                             PerfWatch watch) {
  const Job job{host, runtime, peer, plan.streams, std::move(watch)};
  PerfTimes times;
  times.download = co_await run_round(job, PerfWay::download, plan.download);
  times.upload = co_await run_round(job, PerfWay::upload, plan.upload);
  co_return times;
}

}  // namespace goop::apps
