#include "p2p/protocols/perf/perf.h"

namespace goop::p2p {
namespace {

using Announcement = std::array<std::uint8_t, 8>;

Deadline no_stall(Runtime& runtime) { return Deadline::after(runtime.now(), limits::perf_stall); }

Announcement announce(std::uint64_t bytes) {
  Announcement out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(bytes >> (56 - 8 * i));
  return out;
}

std::uint64_t announced(const Announcement& in) {
  std::uint64_t bytes = 0;
  for (const std::uint8_t byte : in) bytes = bytes << 8 | byte;
  return bytes;
}

void tell(const PerfProgress& progress, const PerfCounts& counts) {
  if (progress) progress(counts);
}

Task<> send(Stream& to, Runtime& runtime, std::uint64_t bytes, PerfCounts& counts,
            const PerfProgress& progress) {
  static const Bytes block(limits::perf_block_bytes, 0);
  while (bytes > 0) {
    const std::size_t size = std::min<std::uint64_t>(bytes, block.size());
    const std::array<BytesView, 1> parts{BytesView(block).first(size)};
    co_await to.write_all(parts, no_stall(runtime));
    bytes -= size;
    counts.sent += size;
    tell(progress, counts);
  }
}

// Until the other side ends; too_large beyond `most`.
Task<> receive(Stream& from, Runtime& runtime, std::uint64_t most, PerfCounts& counts,
               const PerfProgress& progress) {
  for (;;) {
    const BytesView view = co_await from.fill(no_stall(runtime));
    if (view.empty()) co_return;
    if (view.size() > most - counts.received) raise(Errc::too_large, "perf: more than {}", most);
    counts.received += view.size();
    from.consume(view.size());
    tell(progress, counts);
  }
}

}  // namespace

Task<PerfReport> run_perf(Stream stream, Runtime& runtime, PerfRequest request) {
  PerfReport report;
  const Instant start = runtime.now();
  const Announcement wanted = announce(request.download);
  co_await stream.write(wanted, no_stall(runtime));
  co_await send(stream, runtime, request.upload, report.counts, request.progress);
  stream.close_write();
  const Instant uploaded = runtime.now();
  report.upload_time = uploaded - start;
  co_await stream.fill(no_stall(runtime));
  const Instant first = runtime.now();
  report.first_byte = first - uploaded;
  co_await receive(stream, runtime, request.download, report.counts, request.progress);
  report.download_time = runtime.now() - first;
  if (report.counts.received != request.download) {
    raise(Errc::violation, "perf: {} of {} bytes came back", report.counts.received,
          request.download);
  }
  stream.close();
  co_return report;
}

Task<> serve_perf(Stream stream, Runtime& runtime, PerfServerLimits most, PerfProgress progress) {
  PerfCounts counts;
  Announcement wanted;
  co_await read_exactly(stream, wanted, no_stall(runtime));
  const std::uint64_t download = announced(wanted);
  if (download > most.download) raise(Errc::too_large, "perf: {} bytes were asked for", download);
  co_await receive(stream, runtime, most.upload, counts, progress);
  co_await send(stream, runtime, download, counts, progress);
  stream.close();
}

}  // namespace goop::p2p
