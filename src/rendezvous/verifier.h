// Signature checks on the pool: the one costly thing that a message asks for.
//
// Messages of one peer are checked, and answered, in the order they came. What waits is checked in
// batches, so under load a pool job serves many.
//
// Owns: its queues.   Borrows: Runtime.   Thread: loop only.
// Limits: limits::verify_lanes, limits::verify_batch, limits::verify_queue
// Errors: unverified; busy (the queue is full).
#pragma once

#include <deque>

#include "base/signal.h"
#include "base/task_scope.h"
#include "rendezvous/limits.h"
#include "wire/presence.h"

namespace goop::rendezvous {

class Verifier {
 public:
  explicit Verifier(Runtime& runtime) : runtime_(runtime), tasks_(runtime, "verifier") {}

  // Gives `message` back when its signature is good.
  Task<Result<wire::PresenceMessage>> check(wire::PresenceMessage message);

  Task<> stop() { return tasks_.close(); }
  std::uint64_t checked() const { return checked_; }

 private:
  struct Job {
    Job(Runtime& runtime, wire::PresenceMessage what) : message(std::move(what)), ready(runtime) {}
    wire::PresenceMessage message;
    std::optional<Result<void>> verdict;
    Signal ready;
  };
  struct Lane {
    std::deque<std::shared_ptr<Job>> waiting;
    bool running = false;
  };

  Task<> run(Lane& lane);

  Runtime& runtime_;
  std::array<Lane, limits::verify_lanes> lanes_;
  std::uint64_t checked_ = 0;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous
