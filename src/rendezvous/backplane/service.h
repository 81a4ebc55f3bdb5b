// The joint board on NATS: connects, for ever; moves frames between it and `Joint`.
//
// NATS that is away is a warning and a state, never an error: the server goes on alone. It makes
// no thread and no connection before start().
//
// Thread: loop only.   Borrows: Runtime, Board.   Owns: the connection, the joint state.
// Limits: limits.h, "the connection". A message over a cap is dropped, which shows as a gap and is
// asked for again.
#pragma once

#include <functional>

#include "base/signal.h"
#include "base/task_scope.h"
#include "net/nats/client.h"
#include "rendezvous/backplane/joint.h"

namespace goop::rendezvous::backplane {

struct State {
  bool connected = false;
  std::size_t servers = 0;  // others that are heard
  bool whole = false;       // connected, and nothing of them is missing
  std::uint64_t connections = 0, signatures = 0;
};

class Service {
 public:
  struct Hooks {
    std::function<void(std::vector<Told>)> told;  // what others' words did to the board
    std::function<void(const Meet& meeting)> met;
    std::function<void()> sooner;  // the board's next_due() may have come nearer
  };

  Service(Runtime& runtime, Board& board, net::NatsServers servers, Hooks hooks);

  void start();
  Task<> stop();  // says goodbye to the others

  void meet(Meet meeting) { joint_.meet(std::move(meeting)); }
  void changed(std::span<const Change> changes) { joint_.changed(changes, runtime_.now()); }

  State state() const;
  const Joint& joint() const { return joint_; }

 private:
  Task<> talk();
  Task<> watch();
  Task<bool> connect();
  Task<> exchange();
  Task<> take_in(Bytes frame);
  void note_servers();
  net::NatsOptions options() const;

  Runtime& runtime_;
  net::NatsServers servers_;
  Hooks hooks_;
  Joint joint_;
  std::unique_ptr<net::NatsClient> client_;
  std::size_t servers_noted_ = 0;
  std::uint64_t connections_ = 0, signatures_ = 0;
  bool away_noted_ = false;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous::backplane
