#include "rendezvous/backplane/service.h"

#include "base/log.h"
#include "base/supervised.h"
#include "rendezvous/backplane/limits.h"

namespace goop::rendezvous::backplane {
namespace {

constexpr std::string_view subject = "goop.rendezvous.board.1";

void check_signatures(std::vector<Candidate>& work) {
  for (auto& candidate : work) {
    if (!candidate.message.is_signed()) continue;
    candidate.good = wire::check_signature(candidate.message).has_value();
  }
}

}  // namespace

Service::Service(Runtime& runtime, Board& board, net::NatsServers servers, Hooks hooks)
    : runtime_(runtime),
      servers_(std::move(servers)),
      hooks_(std::move(hooks)),
      joint_(runtime.random_u64(), board),
      tasks_(runtime, "backplane") {}

State Service::state() const {
  const bool connected = client_ && client_->open();
  return {connected, joint_.servers(), connected && joint_.whole(), connections_, signatures_};
}

net::NatsOptions Service::options() const {
  net::NatsOptions options;
  options.servers = servers_;
  options.subject = subject;
  options.name = "goop2 rendezvous";
  options.connect_time = limits::connect_time;
  options.ping = joint_.timing().pulse;
  options.queue_messages = limits::queue_messages;
  options.queue_bytes = limits::queue_bytes;
  return options;
}

// --- the connection ---

Task<bool> Service::connect() {
  const auto by = Deadline::after(runtime_.now(), limits::connect_patience);
  auto connecting = net::NatsClient::connect(runtime_, options(), by);
  auto client = co_await attempt(std::move(connecting));
  if (!client) {
    if (!std::exchange(away_noted_, true)) {
      log::warn("backplane.away", {{"nats", servers_.shown()}, {"error", client.error()}});
    }
    co_return false;
  }
  client_ = *std::move(client);
  ++connections_;
  away_noted_ = false;
  log::info("backplane.connected", {{"nats", servers_.shown()}});
  co_return true;
}

Task<> Service::talk() {
  Duration pause = limits::back_off_first;
  for (;;) {
    const bool connected = co_await connect();
    if (connected) {
      pause = limits::back_off_first;
      joint_.connected(runtime_.now());
      auto exchanging = exchange();
      const auto ended = co_await attempt(std::move(exchanging));
      joint_.disconnected();
      away_noted_ = true;
      log::warn("backplane.away",
                {{"nats", servers_.shown()},
                 {"error", ended ? client_->why_closed() : ended.error().detail}});
      co_await client_->close(Duration::zero());
      client_.reset();
    }
    co_await runtime_.sleep_for(runtime_.jittered(pause));
    pause = std::min<Duration>(2 * pause, limits::back_off_most);
  }
}

Task<> Service::exchange() {
  while (client_->open()) {
    auto taken = client_->take(limits::take_bytes);
    for (auto& frame : taken.messages) {
      co_await take_in(std::move(frame));
    }
    note_servers();
    auto frames = joint_.send(runtime_.now());
    if (!frames.empty()) co_await client_->publish(std::move(frames));
    if (taken.messages.empty()) co_await runtime_.sleep_for(limits::pace);
  }
}

Task<> Service::take_in(Bytes frame) {
  auto work = joint_.take(frame, runtime_.now(), runtime_.wall());
  if (!work.empty()) {
    auto job = [work = std::move(work)]() mutable {
      check_signatures(work);
      return std::move(work);
    };
    auto checked = co_await runtime_.offload(std::move(job));
    signatures_ += checked.size();
    auto told = joint_.finish(std::move(checked), runtime_.now(), runtime_.wall());
    if (!told.empty()) hooks_.told(std::move(told));
  }
  for (const auto& meeting : joint_.met()) hooks_.met(meeting);
  hooks_.sooner();
}

// --- who is there ---

void Service::note_servers() {
  if (joint_.servers() == servers_noted_) return;
  servers_noted_ = joint_.servers();
  log::info("backplane.servers", {{"others", servers_noted_}});
}

Task<> Service::watch() {
  for (;;) {
    co_await runtime_.sleep_for(limits::look_after);
    if (joint_.expire(runtime_.now()).empty()) continue;
    note_servers();
    hooks_.sooner();
  }
}

// --- life ---

void Service::start() {
  tasks_.spawn(supervised(runtime_, "backplane", [this] { return talk(); }));
  tasks_.spawn(supervised(runtime_, "backplane watch", [this] { return watch(); }));
}

Task<> Service::stop() {
  co_await tasks_.close();
  if (!client_) co_return;
  if (client_->open()) {
    std::vector<Bytes> last = {joint_.farewell()};
    auto saying = client_->publish(std::move(last));
    auto said = co_await attempt(std::move(saying));
    if (!said) log::debug("backplane.farewell", {{"error", said.error()}});
  }
  co_await client_->close(limits::farewell_time);
  client_.reset();
}

}  // namespace goop::rendezvous::backplane
