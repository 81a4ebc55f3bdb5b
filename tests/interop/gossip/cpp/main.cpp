// gossip_interop: our side of the gossip interoperability tests. The contract is in ../README.md.

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdio>

#include "base/log.h"
#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "net/os_network.h"
#include "p2p/pubsub/pubsub.h"

namespace goop::interop {
namespace {

using namespace p2p;

void say(std::string_view line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

KeyPair fresh_key(Runtime& runtime) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  return KeyPair::from_seed(seed);
}

HostOptions options(Runtime& runtime, const Multiaddr& listen) {
  HostOptions made(fresh_key(runtime));
  made.listen = {listen};
  return made;
}

class Peer {
 public:
  Peer(Runtime& runtime, const Multiaddr& listen)
      : runtime_(runtime),
        network_(runtime),
        host_(runtime, network_, options(runtime, listen)),
        gossip_(runtime, host_),
        tasks_(runtime, "peer") {}

  Task<> run() {
    or_raise(gossip_.join(topic_, [](const pubsub::Message& message) {
      say(fmt::format("HEARD {} {}", message.from, as_text(message.data)));
      return pubsub::Verdict::accept;
    }));
    or_raise(host_.start());
    tasks_.spawn(gossip_.run());
    for (const auto& address : host_.listening()) {
      say(fmt::format("ADDR {}", address.with_peer(host_.id()).to_string()));
    }
    auto reading = read_commands();
    (void)co_await attempt(std::move(reading));
    co_await gossip_.flush(soon());
    co_await tasks_.close();
    co_await host_.stop(soon());
  }

 private:
  Deadline soon() { return Deadline::after(runtime_.now(), 5s); }

  Task<> read_commands() {  // until the input ends, which is a Failure
    asio::posix::stream_descriptor input(runtime_.loop(), ::dup(0));
    std::string text;
    for (;;) {
      const auto size = co_await asio::async_read_until(input, asio::dynamic_buffer(text), '\n',
                                                        asio::use_awaitable);
      const std::string line = text.substr(0, size - 1);
      text.erase(0, size);
      co_await obey(line);
    }
  }

  Task<> obey(std::string line) {
    const auto space = line.find(' ');
    const std::string command = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (command == "dial") {
      const auto address = or_raise(Multiaddr::parse(rest));
      std::vector<Multiaddr> at{address.without_peer()};
      auto dialling = host_.connect(address.peer_id().value(), std::move(at),
                                    Deadline::after(runtime_.now(), 20s));
      const auto connected = co_await attempt(std::move(dialling));
      say(connected ? "DIALLED" : fmt::format("FAILED {}", connected.error()));
    } else if (command == "say") {
      or_raise(gossip_.publish(topic_, as_bytes(rest)));
    } else if (command == "peers") {
      say(fmt::format("PEERS {}", gossip_.subscribers(topic_).size()));
    }
  }

  Runtime& runtime_;
  net::OsNetwork network_;
  Host host_;
  pubsub::PubSub gossip_;
  const pubsub::Topic topic_ = pubsub::Topic::parse("goop.presence.v1").value();
  TaskScope tasks_;
};

int main_of(std::string_view listen) {
  const auto address = or_raise(Multiaddr::parse(listen));
  OsRuntime runtime;
  Peer peer(runtime, address);
  std::optional<Error> failed;
  TaskScope scope(runtime, "main");
  scope.spawn(peer.run(), [&failed](std::optional<Error> error) { failed = error; });
  runtime.run();
  if (failed) throw Failure(*failed);
  return 0;
}

}  // namespace
}  // namespace goop::interop

int main(int count, char** args) {
  goop::log::set_level(goop::log::Level::error);
  if (const char* level = std::getenv("GOOP_INTEROP_LOG")) {
    if (const auto parsed = goop::log::parse_level(level)) goop::log::set_level(*parsed);
  }
  if (count != 2) {
    fmt::print(stderr, "usage: gossip_interop MULTIADDR\n");
    return 2;
  }
  try {
    return goop::interop::main_of(args[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "gossip_interop: {}\n", error.what());
    return 1;
  }
}
