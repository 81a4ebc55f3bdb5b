// Many identities that publish themselves at a rendezvous server, from one address or several, and
// say that they will be there for an hour. Each comes again every ten seconds. Ends after SECONDS,
// or on SIGTERM; prints how many were taken and refused in the first round, and the last refusal.
//
//   attack_presence HOST PORT COUNT SECONDS [SOURCE…]     COUNT: for each source
//   LABEL=…                                               what they call themselves
#include <charconv>
#include <cstdlib>

#include "base/os_runtime.h"
#include "base/os_signals.h"
#include "base/signal.h"
#include "base/task_scope.h"
#include "net/http/client.h"
#include "net/os_network.h"
#include "wire/presence.h"

namespace {

using namespace goop;

constexpr auto pause_between = 10s;
constexpr auto answer_time = 5s;
constexpr std::size_t answer_bytes = 4096;

struct Answer {
  int status = 0;
  std::string text;
};

// One connection after the other, on which one thing after the other is asked.
class Line {
 public:
  Line(Runtime& runtime, net::Network& network, net::Endpoint to, std::optional<net::Endpoint> from)
      : runtime_(&runtime), network_(&network), to_(to), from_(from) {}

  Task<Answer> post(std::string body) {
    const auto by = Deadline::after(runtime_->now(), answer_time);
    auto client = std::move(client_);  // gone, should anything fail
    if (!client || !client->reusable()) {
      client.reset();
      auto stream = co_await network_->connect(to_, from_, by);
      client = std::make_unique<net::http::Client>(*runtime_, std::move(stream));
    }
    net::http::ClientRequest request;
    request.method = "POST";
    request.target = "/publish";
    request.body = std::move(body);
    const auto* head = co_await client->send(std::move(request), by);
    Answer answer;
    answer.status = head->status;
    const auto text = co_await client->read_body(answer_bytes, by);
    answer.text = to_text(text);
    client_ = std::move(client);
    co_return answer;
  }

 private:
  Runtime* runtime_;
  net::Network* network_;
  net::Endpoint to_;
  std::optional<net::Endpoint> from_;
  std::unique_ptr<net::http::Client> client_;
};

struct Source {
  Line line;
  std::vector<p2p::KeyPair> keys;
};

struct Tally {
  int taken = 0, refused = 0;
  std::string last;
};

p2p::KeyPair new_key(Runtime& runtime) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  return p2p::KeyPair::from_seed(seed);
}

std::string message_of(const p2p::KeyPair& key, WallTime wall) {
  const char* label = std::getenv("LABEL");
  wire::Presence presence;
  presence.type = wire::PresenceType::update;
  presence.peer = p2p::PeerId::from_key(key.public_key());
  presence.label = label ? label : "somebody";
  presence.ttl = 1h;
  presence.ts = to_ms(wall);
  return wire::write_presence(wire::sign_presence(key, std::move(presence)));
}

Task<> flood(Runtime& runtime, Source& source, Tally& tally) {
  for (const auto& key : source.keys) {
    auto posting = source.line.post(message_of(key, runtime.wall()));
    const auto answer = co_await attempt(std::move(posting));
    const bool taken = answer && answer->status == 204;
    ++(taken ? tally.taken : tally.refused);
    if (answer && !taken) tally.last = answer->text;
  }
}

Task<> attack(Runtime& runtime, std::vector<Source> sources) {
  for (bool first = true;; first = false) {
    const Deadline next = Deadline::after(runtime.now(), pause_between);
    Tally tally;
    for (auto& source : sources) co_await flood(runtime, source, tally);
    if (first) {
      fmt::print("taken {} refused {} {}\n", tally.taken, tally.refused, tally.last);
      std::fflush(stdout);
    }
    co_await runtime.sleep_until(next);
  }
}

Task<> end_in_time(Runtime& runtime, Duration after, Signal& over) {
  co_await runtime.sleep_for(after);
  over.notify_all();
}

Task<> end_on_signal(Runtime& runtime, Signal& over) {
  OsSignals signals(runtime);
  co_await signals.next();
  over.notify_all();
}

Task<> attack_for(Runtime& runtime, std::vector<Source> sources, Duration time) {
  Signal over(runtime);
  TaskScope tasks(runtime, "presence");
  tasks.spawn(attack(runtime, std::move(sources)));
  tasks.spawn(end_in_time(runtime, time, over));
  tasks.spawn(end_on_signal(runtime, over));
  co_await over.wait_until(Deadline::never());
  co_await tasks.close();
}

std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < 1) return {};
  return value;
}

std::optional<net::Endpoint> endpoint(const std::string& address, std::uint16_t port) {
  boost::system::error_code wrong;
  const auto ip = boost::asio::ip::make_address(address, wrong);
  if (wrong) return std::nullopt;
  return net::Endpoint{ip, port};
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> given(words + 1, words + count);
  const auto port = given.size() > 1 ? number(given[1]) : std::nullopt;
  const auto each = given.size() > 2 ? number(given[2]) : std::nullopt;
  const auto seconds = given.size() > 3 ? number(given[3]) : std::nullopt;
  const auto server = port ? endpoint(given[0], *port) : std::nullopt;
  if (!server || !each || !seconds) {
    fmt::print(stderr, "usage: attack_presence HOST PORT COUNT SECONDS [SOURCE…]\n");
    return 2;
  }
  OsRuntime runtime;
  net::OsNetwork network(runtime);
  std::vector<std::optional<net::Endpoint>> from;
  for (std::size_t i = 4; i < given.size(); ++i) from.push_back(endpoint(given[i], 0));
  if (from.empty()) from.emplace_back();
  std::vector<Source> sources;
  for (const auto& one : from) {
    sources.push_back({Line(runtime, network, *server, one), {}});
    for (int i = 0; i < *each; ++i) sources.back().keys.push_back(new_key(runtime));
  }
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(attack_for(runtime, std::move(sources), std::chrono::seconds(*seconds)),
              [&failed](std::optional<Error> error) { failed = std::move(error); });
  runtime.run();
  if (!failed) return 0;
  fmt::print(stderr, "attack_presence: {}\n", to_string(*failed));
  return 1;
}
