// p2p_interop: our peer of the interoperability tests. The contract is in ../README.md.

#include <boost/asio/posix/stream_descriptor.hpp>
#include <charconv>
#include <cstdio>

#include "base/log.h"
#include "base/os_runtime.h"
#include "base/os_signals.h"
#include "base/task_scope.h"
#include "tests/interop/cpp/mdns.h"
#include "tests/interop/cpp/scenarios.h"

namespace goop::interop {
namespace {

constexpr int exit_fine = 0, exit_failed = 1, exit_usage = 2;
constexpr auto stop_time = 5s;

int usage() {
  fmt::print(stderr,
             "usage: p2p_interop serve [--listen MULTIADDR] [--plain-muxer]"
             " | dial ADDR SCENARIO [ARG] | mdns SERVICE\n");
  return exit_usage;
}

// Runs the loop until `task` has ended; what it threw goes on.
void run(OsRuntime& runtime, Task<> task) {
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(std::move(task), [&failed](std::optional<Error> error) { failed = error; });
  runtime.run();
  if (failed) throw Failure(*failed);
}

Deadline stop_by(Runtime& runtime) { return Deadline::after(runtime.now(), stop_time); }

// --- serve ---

Task<> await_input_end(Runtime& runtime, Signal& leave) {
  asio::posix::stream_descriptor input(runtime.loop(), ::dup(0));
  std::array<std::uint8_t, 4096> ignored;
  try {
    for (;;) co_await input.async_read_some(asio::buffer(ignored), asio::use_awaitable);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::eof) throw;
  }
  leave.notify_all();
}

Task<> await_signal(OsSignals& signals, Signal& leave) {
  co_await signals.next();
  leave.notify_all();
}

Task<> serve(Runtime& runtime, Node& node) {
  auto& host = node.host();
  or_raise(host.start());
  for (const auto& address : host.listening()) {
    fmt::print("ADDR {}\n", address.with_peer(host.id()).to_string());
  }
  std::fflush(stdout);
  OsSignals signals(runtime);
  Signal leave(runtime);
  TaskScope waits(runtime, "leave");
  waits.spawn(await_input_end(runtime, leave));
  waits.spawn(await_signal(signals, leave));
  co_await leave.wait_until(Deadline::never());
  co_await waits.close();
  co_await host.stop(stop_by(runtime));
}

Task<> find_neighbours(Runtime& runtime, Node& node, std::string service) {
  or_raise(node.host().start());
  net::OsNetwork network(runtime);
  OsSignals signals(runtime);
  Signal leave(runtime);
  TaskScope waits(runtime, "leave");
  waits.spawn(await_input_end(runtime, leave));
  waits.spawn(await_signal(signals, leave));
  co_await serve_mdns(runtime, network, node.host(), std::move(service), leave);
  co_await waits.close();
  co_await node.host().stop(stop_by(runtime));
}

int mdns_main(std::string_view service) {
  OsRuntime runtime;
  Node node(runtime, {.listen = {*p2p::Multiaddr::parse("/ip4/0.0.0.0/tcp/0"),
                                 *p2p::Multiaddr::parse("/ip6/::/tcp/0")}});
  run(runtime, find_neighbours(runtime, node, std::string(service)));
  return exit_fine;
}

int serve_main(std::string_view listen, p2p::EarlyMuxer early_muxer) {
  const auto address = p2p::Multiaddr::parse(listen);
  if (!address) return usage();
  OsRuntime runtime;
  Node node(runtime, {.listen = {*address}, .early_muxer = early_muxer});
  run(runtime, serve(runtime, node));
  return exit_fine;
}

// --- dial ---

Task<json::Object> connect_and_run(Session& session, const Scenario& scenario) {
  if (!scenario.dials_itself) {
    std::vector<p2p::Multiaddr> addresses{session.address};
    auto& host = session.node.host();
    session.connection = (co_await host.connect(session.peer, std::move(addresses), session.by)).id;
  }
  co_return co_await scenario.run(session);
}

Task<> dial(Session& session, const Scenario& scenario, Result<json::Object>& outcome) {
  or_raise(session.node.host().start());
  auto running = with_deadline(session.runtime, session.by, "the scenario's deadline",
                               connect_and_run(session, scenario));
  outcome = co_await attempt(std::move(running));
  co_await session.node.host().stop(stop_by(session.runtime));
}

// The line of JSON that a scenario ends with.
int report(std::string_view scenario, Duration took, const Result<json::Object>& outcome) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  json::Object line{{"scenario", scenario},
                    {"ok", outcome.has_value()},
                    {"detail", outcome ? "" : to_string(outcome.error())},
                    {"millis", static_cast<double>(micros / 10) / 100}};
  if (outcome) {
    for (const auto& field : *outcome) line[field.key()] = field.value();
  }
  fmt::print("{}\n", json::write(line));
  return outcome ? exit_fine : exit_failed;
}

int dial_main(std::string_view text, std::string_view name, std::string_view arg) {
  const auto address = p2p::Multiaddr::parse(text);
  const auto* scenario = find_scenario(name);
  if (!address || !address->peer_id() || !scenario) return usage();
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(arg.data(), arg.data() + arg.size(), value);
  if (scenario->numeric && (wrong != std::errc() || end != arg.data() + arg.size())) {
    return usage();
  }
  OsRuntime runtime;
  const auto start = runtime.now();
  auto span = scenario->deadline;
  if (name == "idle") span += std::chrono::seconds(value);
  const bool plain = name == "plain-muxer";
  Node node(runtime, {.listen = {},
                      .early_muxer = plain ? p2p::EarlyMuxer::withhold : p2p::EarlyMuxer::offer});
  Session session{runtime,
                  node,
                  *address->peer_id(),
                  address->without_peer(),
                  std::string(arg),
                  Deadline::after(start, span)};
  Result<json::Object> outcome;
  run(runtime, dial(session, *scenario, outcome));
  return report(name, runtime.now() - start, outcome);
}

int main_of(std::vector<std::string_view> args) {
  if (args.empty()) return usage();
  const auto command = args.front();
  args.erase(args.begin());
  if (command == "dial" && (args.size() == 2 || args.size() == 3)) {
    return dial_main(args[0], args[1], args.size() == 3 ? args[2] : "");
  }
  if (command == "mdns" && args.size() == 1) return mdns_main(args[0]);
  if (command != "serve") return usage();
  std::string_view listen = "/ip4/127.0.0.1/tcp/0";
  auto early_muxer = p2p::EarlyMuxer::offer;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--plain-muxer") {
      early_muxer = p2p::EarlyMuxer::withhold;
    } else if (args[i] == "--listen" && i + 1 < args.size()) {
      listen = args[++i];
    } else {
      return usage();
    }
  }
  return serve_main(listen, early_muxer);
}

}  // namespace
}  // namespace goop::interop

int main(int count, char** args) {
  goop::log::set_level(goop::log::Level::error);
  // For whoever looks for a mistake: GOOP_INTEROP_LOG=debug.
  if (const char* level = std::getenv("GOOP_INTEROP_LOG")) {
    if (const auto parsed = goop::log::parse_level(level)) goop::log::set_level(*parsed);
  }
  try {
    return goop::interop::main_of({args + 1, args + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "p2p_interop: {}\n", error.what());
    return goop::interop::exit_failed;
  }
}
