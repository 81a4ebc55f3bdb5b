#include "tests/interop/cpp/scenarios.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/task_scope.h"
#include "p2p/protocols/echo/echo.h"
#include "p2p/protocols/perf/perf.h"

namespace goop::interop {
namespace {

using p2p::ProtocolId;
using p2p::Stream;
namespace known = p2p::protocol;

constexpr auto poll_pause = 100ms;

// --- pieces ---

void check(bool holds, std::string_view otherwise) {
  if (!holds) raise(Errc::violation, "{}", otherwise);
}

Bytes pattern(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 31 + 7);
  return data;
}

double rounded(double value) { return std::round(value * 100) / 100; }
double seconds(Duration span) { return std::chrono::duration<double>(span).count(); }
double millis(Duration span) { return seconds(span) * 1000; }

std::uint64_t number(const Session& s) {
  std::uint64_t value = 0;
  std::from_chars(s.arg.data(), s.arg.data() + s.arg.size(), value);  // checked by main
  return value;
}

void check_same_connection(const Session& s) {
  const auto open = s.node.host().connections();
  check(open.size() == 1 && open.front().id == s.connection, "not the same connection any more");
}

Task<Stream> open(Session& s, ProtocolId id) {
  check_same_connection(s);
  std::vector<ProtocolId> wanted{std::move(id)};
  const p2p::OpenOptions options{s.by};
  co_return co_await s.node.host().open(s.peer, std::move(wanted), options);
}

Task<> expect(Stream& stream, BytesView data, Deadline by) {
  Bytes got(data.size());
  co_await p2p::read_exactly(stream, got, by);
  check(equal(got, data), "other bytes came back");
}

Task<> expect_end(Stream& stream, Deadline by) {
  const auto rest = co_await stream.fill(by);
  check(rest.empty(), "more bytes instead of the end");
}

Task<> write_and_end(Stream& stream, BytesView data, Deadline by) {
  co_await stream.write(data, by);
  stream.close_write();
}

// Writes and reads at the same time.
Task<> echo(Session& s, std::size_t size) {
  auto stream = co_await open(s, known::echo);
  const auto data = pattern(size);
  std::optional<Error> failed;
  TaskScope writing(s.runtime, "echo");
  writing.spawn(write_and_end(stream, data, s.by), [&](std::optional<Error> e) { failed = e; });
  auto reading = expect(stream, data, s.by);
  const auto read = co_await attempt(std::move(reading));
  if (!read) stream.reset();
  co_await writing.close();
  or_raise(read);
  if (failed) throw Failure(*failed);
  co_await expect_end(stream, s.by);
  stream.close();
}

// Opens a stream and returns all of the answer.
Task<std::string> ask(Session& s, ProtocolId id) {
  constexpr std::size_t answer_most = 64 * 1024;
  auto stream = co_await open(s, std::move(id));
  const auto answer = co_await p2p::read_to_end(stream, answer_most, s.by);
  stream.close();
  co_return to_text(answer);
}

Task<bool> server_knows(Session& s, ProtocolId id) {
  const auto answer = co_await ask(s, protocols_id);
  co_return answer.find(id.text() + "\n") != std::string::npos;
}

Task<> until_server_knows(Session& s, ProtocolId id, Duration within) {
  const auto end = s.runtime.now() + within;
  for (;;) {
    const bool knows = co_await server_knows(s, id);
    if (knows) co_return;
    if (s.runtime.now() > end) raise(Errc::timeout, "the server does not learn of {}", id);
    co_await s.runtime.sleep_for(poll_pause);
  }
}

bool we_know(const Session& s, const ProtocolId& id) {
  const auto facts = s.node.host().facts(s.peer);
  return facts && std::ranges::find(facts->protocols, id) != facts->protocols.end();
}

Task<> until_identified(Session& s) {
  const auto end = s.runtime.now() + 5s;
  while (!s.node.host().facts(s.peer)) {
    if (s.runtime.now() > end) raise(Errc::timeout, "no identify within 5 s");
    co_await s.runtime.sleep_for(10ms);
  }
}

// --- scenarios ---

Task<json::Object> ping(Session& s) {
  constexpr std::size_t times = 10;
  std::vector<Duration> rtts;
  while (rtts.size() < times) rtts.push_back(co_await s.node.host().ping(s.peer, s.by));
  check_same_connection(s);
  std::ranges::sort(rtts);
  co_return json::Object{{"rtt_ms", rounded(millis(rtts[times / 2]))}};
}

Task<json::Object> identify(Session& s) {
  co_await until_identified(s);
  // That the key is the dialled id's was checked before: identify refuses any other.
  const auto facts = *s.node.host().facts(s.peer);
  check(!facts.agent.empty(), "no agent version");
  for (const auto& id : served()) {
    check(we_know(s, id), fmt::format("{} is not listed", id));
  }
  check(std::ranges::find(facts.addresses, s.address) != facts.addresses.end(),
        "the dialled address is not listed");
  check(facts.observed && facts.observed->is_plain_tcp(), "no observed TCP address");
  check(s.arg == "no-record" || facts.signed_record, "no signed peer record");
  co_return json::Object{{"agent", facts.agent}, {"observed", facts.observed->to_string()}};
}

Task<json::Object> push(Session& s) {
  co_await until_server_knows(s, known::echo, 5s);
  check(!co_await server_knows(s, push_check_id), "the new protocol is known before it exists");
  s.node.handle_nothing(push_check_id);
  co_await until_server_knows(s, push_check_id, 10s);

  check(!we_know(s, toggled_id), "the server has toggled already: not a fresh one?");
  check(co_await ask(s, toggle_id) == "ok\n", "the toggle did not answer ok");
  const auto end = s.runtime.now() + 10s;
  while (!we_know(s, toggled_id)) {
    if (s.runtime.now() > end) raise(Errc::timeout, "no push of the server came");
    co_await s.runtime.sleep_for(poll_pause);
  }
  co_return json::Object{};
}

Task<json::Object> echoes(Session& s) {
  for (const std::size_t size : {1uz, 64uz * 1024, 1024uz * 1024}) co_await echo(s, size);
  co_return json::Object{};
}

Task<json::Object> perf(Session& s, std::uint64_t upload, std::uint64_t download) {
  const auto start = s.runtime.now();
  auto stream = co_await open(s, known::perf);
  const p2p::PerfRequest request{upload, download, {}};
  co_await p2p::run_perf(std::move(stream), s.runtime, request);
  const auto megabytes = static_cast<double>(upload + download) / 1e6;
  co_return json::Object{{"mb_per_s", rounded(megabytes / seconds(s.runtime.now() - start))}};
}

Task<json::Object> upload(Session& s) { return perf(s, number(s), 0); }
Task<json::Object> download(Session& s) { return perf(s, 0, number(s)); }

Task<json::Object> half_close(Session& s) {
  const auto id = s.arg.empty() ? known::echo : or_raise(ProtocolId::parse(s.arg));
  co_await until_identified(s);  // from then on streams are negotiated lazily, which is harder
  for (const std::size_t size : {5uz, 128uz * 1024}) {
    auto stream = co_await open(s, id);
    const auto data = pattern(size);
    check(co_await p2p::echo_once(stream, data, s.by) == data, "other bytes came back");
    stream.close();
  }
  co_return json::Object{};
}

Task<json::Object> reset(Session& s) {
  const auto byte = pattern(1);
  {
    auto stream = co_await open(s, reset_id);
    co_await stream.write(byte, s.by);
    auto reading = stream.fill(Deadline::after(s.runtime.now(), 5s));
    const auto seen = co_await attempt(std::move(reading));
    // rust-yamux shows its own resets as ends that cannot be written to; ours are failures.
    check(!seen && seen.error().code == Errc::closed, "the remote reset was not seen");
  }
  auto stream = co_await open(s, known::echo);
  co_await stream.write(byte, s.by);
  co_await expect(stream, byte, s.by);
  stream.reset();
  co_await s.node.host().ping(s.peer, s.by);
  co_await echo(s, 1);
  co_return json::Object{};
}

Task<json::Object> sequential(Session& s) {
  const auto count = number(s);
  const auto data = pattern(16);
  const auto start = s.runtime.now();
  for (std::uint64_t i = 0; i < count; ++i) {
    auto stream = co_await open(s, known::echo);
    check(co_await p2p::echo_once(stream, data, s.by) == data, "other bytes came back");
    stream.close();
  }
  const auto took = seconds(s.runtime.now() - start);
  co_return json::Object{{"per_second", rounded(static_cast<double>(count) / took)}};
}

Task<> open_and_echo(Session& s, std::optional<Stream>& slot, const Bytes& data) {
  slot.emplace(co_await open(s, known::echo));
  co_await slot->write(data, s.by);
  co_await expect(*slot, data, s.by);
}

Task<> end_and_close(Stream& stream, Deadline by) {
  stream.close_write();
  co_await expect_end(stream, by);
  stream.close();
}

Task<json::Object> parallel(Session& s) {
  const auto data = pattern(1024);
  std::vector<std::optional<Stream>> streams(number(s));
  std::optional<Error> failed;
  auto note = [&failed](std::optional<Error> error) {
    if (error && !failed) failed = std::move(error);
  };
  TaskScope tasks(s.runtime, "parallel");
  for (auto& slot : streams) tasks.spawn(open_and_echo(s, slot, data), note);
  co_await tasks.join();
  if (!failed) {
    for (auto& slot : streams) tasks.spawn(end_and_close(*slot, s.by), note);
    co_await tasks.join();
  }
  if (failed) throw Failure(*failed);
  co_return json::Object{};
}

Task<json::Object> idle(Session& s) {
  co_await s.node.host().ping(s.peer, s.by);
  co_await s.runtime.sleep_for(std::chrono::seconds(number(s)));
  check_same_connection(s);
  co_await s.node.host().ping(s.peer, s.by);
  check_same_connection(s);
  co_return json::Object{};
}

Task<json::Object> plain_muxer(Session& s) {  // main made a node that offers no muxer early
  auto report = co_await ping(s);
  co_await echo(s, 64 * 1024);
  co_return report;
}

Task<json::Object> wrong_id(Session& s) {
  auto& host = s.node.host();
  const auto other = p2p::PeerId::from_key(fresh_key(s.runtime).public_key());
  std::vector<p2p::Multiaddr> addresses{s.address};
  auto dialling = host.connect(other, addresses, Deadline::after(s.runtime.now(), 10s));
  const auto dialled = co_await attempt(std::move(dialling));
  check(!dialled, "the dial succeeded");
  check(host.connections().empty(), "a connection is left");
  co_return json::Object{{"detail", to_string(dialled.error())}};
}

// The next event of the host; what it says is looked up by the caller.
Task<> next_event(Session& s, std::uint64_t& cursor) {
  auto& events = s.node.host().events();
  const Wake why = co_await events.wait(cursor, s.by);
  if (why == Wake::deadline) raise(Errc::timeout, "no event");
  cursor = events.last();
}

// Connect, wait for identify, close; one after another.
Task<json::Object> connects(Session& s) {
  auto& host = s.node.host();
  const std::vector<p2p::Multiaddr> addresses{s.address};
  const auto count = number(s);
  const auto start = s.runtime.now();
  for (std::uint64_t i = 0; i < count; ++i) {
    auto cursor = host.events().last();
    co_await host.connect(s.peer, addresses, s.by);
    while (!host.facts(s.peer)) co_await next_event(s, cursor);
    host.disconnect(s.peer);
    while (host.connected(s.peer)) co_await next_event(s, cursor);
  }
  co_return json::Object{
      {"per_second", rounded(static_cast<double>(count) / seconds(s.runtime.now() - start))}};
}

constexpr Scenario scenarios[] = {
    {.name = "ping", .numeric = false, .deadline = 30s, .run = ping},
    {.name = "identify", .numeric = false, .deadline = 30s, .run = identify},
    {.name = "push", .numeric = false, .deadline = 30s, .run = push},
    {.name = "echo", .numeric = false, .deadline = 30s, .run = echoes},
    {.name = "upload", .numeric = true, .deadline = 120s, .run = upload},
    {.name = "download", .numeric = true, .deadline = 120s, .run = download},
    {.name = "half-close", .numeric = false, .deadline = 30s, .run = half_close},
    {.name = "reset", .numeric = false, .deadline = 30s, .run = reset},
    {.name = "sequential", .numeric = true, .deadline = 30s, .run = sequential},
    {.name = "parallel", .numeric = true, .deadline = 30s, .run = parallel},
    {.name = "idle", .numeric = true, .deadline = 30s, .run = idle},  // and its own length
    {.name = "wrong-id", .numeric = false, .deadline = 30s, .run = wrong_id, .dials_itself = true},
    {.name = "connects", .numeric = true, .deadline = 30s, .run = connects, .dials_itself = true},
    {.name = "plain-muxer", .numeric = false, .deadline = 30s, .run = plain_muxer},
};

}  // namespace

const Scenario* find_scenario(std::string_view name) {
  const auto* found = std::ranges::find(scenarios, name, &Scenario::name);
  return found == std::end(scenarios) ? nullptr : found;
}

}  // namespace goop::interop
