// One connection to NATS that speaks and listens on one subject, and does not hear itself.
//
//   auto client = co_await NatsClient::connect(runtime, options, by);
//   auto came = client->take(1 << 20);          // never waits
//   co_await client->publish(std::move(messages));
//   co_await client->close(by);
//
// libnats keeps threads of its own: one reads into a bounded queue, from which take() draws, so no
// callback of it ever runs our code. What may block (connect, publish, close) is a pool job. A
// connection that is lost stays lost; who wants another one makes it, at times of its own.
//
// Thread: loop only.   Owns: the connection and libnats' threads for it.   Borrows: Runtime.
// Errors: unreachable, forbidden (connect); closed (publish).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/runtime.h"
#include "net/nats_servers.h"

namespace goop::net {

struct NatsOptions {
  NatsServers servers;
  std::string subject;
  std::string name;                // that NATS shows to its operator
  Duration connect_time{};         // for each server
  Duration ping{};                 // two without an answer: it is lost
  std::size_t queue_messages = 0;  // that came and were not taken; beyond, they are dropped
  std::size_t queue_bytes = 0;
};

class NatsClient {
 public:
  static Task<std::unique_ptr<NatsClient>> connect(Runtime& runtime, NatsOptions options,
                                                   Deadline by);
  ~NatsClient();  // close() should have run: the destructor closes on the loop

  bool open() const;
  std::string why_closed() const;

  struct Taken {
    std::vector<Bytes> messages;
    bool dropped = false;  // some were lost before these, since the queue was full
  };
  Taken take(std::size_t most_bytes);

  Task<> publish(std::vector<Bytes> messages);
  // What was published goes out first, until the deadline.
  Task<> close(Duration flush);

 private:
  struct Connection;
  NatsClient(Runtime& runtime, std::shared_ptr<Connection> connection);

  Runtime& runtime_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace goop::net
