// goop2 visit ADDRESS [PATH]: one file of a peer's site, to stdout or into a file.

#include <CLI/CLI.hpp>

#include "apps/goop2/commands/commands.h"
#include "apps/goop2/commands/validators.h"
#include "apps/goop2/folders.h"
#include "apps/goop2/guest.h"
#include "apps/goop2/limits.h"
#include "apps/goop2/output.h"
#include "apps/goop2/progress.h"
#include "apps/goop2/report.h"
#include "apps/goop2/run.h"
#include "apps/goop2/running_peer.h"
#include "apps/goop2/units.h"
#include "net/os_network.h"
#include "wire/address.h"

namespace goop::apps {
namespace {

struct Options {
  std::string address, path, output, from, max;
  int protocol = 2;
  bool verbose = false;
};

// A visit in progress: what is wanted, and when what happened.
struct Visit {
  Runtime& runtime;
  wire::PeerAddress owner;
  wire::SitePath path;
  const Options& options;
  Instant start = runtime.now();
  std::string way = {};  // the address taken
  Duration connected{}, first_byte{};
  std::uint64_t bytes = 0;

  Duration age() const { return runtime.now() - start; }
  Deadline patience() const { return Deadline::after(runtime.now(), limits::answer_time); }
};

void report(const Visit& visit) {
  if (!visit.options.verbose) return;
  fmt::print(stderr, "peer {}\npath {}\nconnected after {}, answered after {}\n{} in {} ({})\n",
             visit.owner.peer, printable(visit.way), time_text(visit.connected),
             time_text(visit.first_byte), size_text(visit.bytes), time_text(visit.age()),
             rate_text(visit.bytes, visit.age() - visit.first_byte));
}

// `source` is a SiteBody or an HTTP client: both are pulled the same way.
template <class Source>
Task<> copy(Visit& visit, Source& source, std::optional<std::uint64_t> size) {
  visit.first_byte = visit.age();
  Output output(visit.runtime, visit.options.output);
  {
    Progress progress(visit.runtime, size);
    for (;;) {
      const BytesView part = co_await source.next(visit.patience());
      if (part.empty()) break;
      visit.bytes += part.size();
      co_await output.write(part);
      progress.at(visit.bytes);
    }
  }
  output.finish();
}

// What the owner says no to, in the words of who asked.
[[noreturn]] void refused(const Visit& visit, const Error& error) {
  const auto& path = visit.path.text();
  const auto what = path.empty() ? std::string("front page") : printable(path);
  if (error.code == Errc::not_found) raise(error.code, "this site has no {}", what);
  if (error.code == Errc::forbidden) raise(error.code, "the owner does not give {} away", what);
  if (error.code == Errc::too_large) {
    const auto& from = visit.options.from;
    raise(error.code, "{} is too large: {}\n{} takes larger ones", what, error.detail,
          from.empty() ? "--max SIZE"
                       : fmt::format("goop2 config set {} viewer.largest_file_mb MB", from));
  }
  throw Failure(error);
}

// --- as a guest ---

Task<peer::site::SiteReply> ask(Visit& visit, peer::site::SiteSource& site) {
  for (;;) {
    wire::SiteRequest request;
    request.path = visit.path;
    auto reply = co_await site.get(std::move(request), visit.patience());
    if (!reply) refused(visit, reply.error());
    const bool again = reply->head.status == wire::SiteStatus::directory && !visit.path.directory();
    if (!again) co_return std::move(*reply);
    visit.path = or_raise(wire::SitePath::parse(visit.path.text() + "/"));
  }
}

Task<> visit_as_guest(Visit& visit, Guest& guest) {
  visit.way = "own site";
  if (visit.owner.peer != guest.host().id()) {
    visit.way = (co_await guest.connect(visit.owner)).remote.to_string();
  }
  visit.connected = visit.age();
  const auto site = guest.site(visit.owner.peer);
  auto reply = co_await ask(visit, *site);
  if (!reply.body) raise(Errc::violation, "the owner's answer holds no file");
  co_await copy(visit, *reply.body, reply.head.body_size);
  report(visit);
}

// --- through a running peer ---

std::string way_to(const p2p::PeerId& peer, const json::Object& status) {
  const auto* self = status.if_contains("peerID");
  if (self && *self == json::Value(peer.to_string())) return "own site";
  const auto* connections = status.if_contains("connections");
  if (!connections || !connections->is_array()) return "unknown";
  for (const auto& connection : connections->as_array()) {
    if (!connection.is_object()) continue;
    const auto& of = connection.as_object();
    const auto *id = of.if_contains("peerID"), *address = of.if_contains("address");
    if (!id || !address || *id != json::Value(peer.to_string())) continue;
    return address->is_string() ? std::string(address->as_string()) : "unknown";
  }
  return "not connected";
}

Task<> visit_through(Visit& visit, RunningPeer& running) {
  json::Object wanted{{"address", visit.options.address}};
  co_await running.post("/api/visit", std::move(wanted));
  visit.connected = visit.age();
  auto file = co_await running.file(visit.owner.peer, visit.path, visit.patience());
  if (!file) refused(visit, file.error());
  co_await copy(visit, *file->bytes, file->size);
}

// --- the command ---

Task<> visit_from(Visit& visit, net::Network& network, const store::Folder& folder) {
  auto& runtime = visit.runtime;
  if (const auto running = co_await RunningPeer::find(runtime, network, folder)) {
    co_await visit_through(visit, *running);
    if (!visit.options.verbose) co_return;
    const auto again = co_await RunningPeer::find(runtime, network, folder);
    visit.way = again ? way_to(visit.owner.peer, co_await again->get("/api/status")) : "unknown";
    co_return report(visit);
  }
  Guest guest(runtime, network, folder.path());
  co_await with_guest(guest, visit_as_guest(visit, guest));
}

int run_command(const Options& options) {
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  Visit visit{runtime, or_misused(wire::parse_address(options.address)),
              or_misused(wire::SitePath::parse(options.path)), options};
  if (options.from.empty()) {
    Guest::Manners manners;
    if (options.protocol == 1) manners.speak = Guest::Speak::version_1;
    if (!options.max.empty()) manners.largest_file = or_misused(parse_size(options.max));
    Guest guest(runtime, network, manners);
    run(runtime, with_guest(guest, visit_as_guest(visit, guest)));
  } else {
    const auto existing = or_raise(open_existing(options.from));
    run(runtime, visit_from(visit, network, existing.folder));
  }
  return exit_fine;
}

}  // namespace

void add_visit(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("visit", "Fetch a file of a peer's site");
  command->add_option("ADDRESS", options->address, "The peer")->required();
  command->add_option("PATH", options->path, "The file; without it, the front page");
  command->add_option("-o,--output", options->output, "Write into FILE, not to stdout")
      ->option_text("FILE")
      ->check(not_empty());
  command->add_flag("-v,--verbose", options->verbose, "Say on stderr which way and how fast");
  auto* from =
      command->add_option("--from", options->from, "As the peer in DIR, through it when it runs")
          ->option_text("DIR")
          ->check(not_empty());
  command->add_option("--max", options->max, "Refuse a larger file (4G)")
      ->option_text("SIZE")
      ->excludes(from);
  command->add_option("--protocol", options->protocol, "1: ask as older programs do (2)")
      ->option_text("1|2")
      ->check(CLI::Range(1, 2))
      ->excludes(from);
  command->callback([options, &chosen] { chosen = [options] { return run_command(*options); }; });
}

}  // namespace goop::apps
