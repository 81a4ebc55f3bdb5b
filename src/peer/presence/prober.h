// Does a peer really answer? Asked by reading its label line, which is always served.
//
// A few at a time, each peer once, one after another of those that wait. A failure closes nothing
// and dials nothing anew: it is told, and the table counts. Who failed just now is not asked again
// at once.
//
// Owns: who waits.   Borrows: Runtime.   Thread: loop only.   Limits: limits::probe*.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/task_scope.h"
#include "p2p/multi/peer_id.h"
#include "peer/presence/limits.h"

namespace goop::peer::presence {

class Prober {
 public:
  // Asks a peer for its label; throws when it does not answer in time.
  using Ask = std::function<Task<std::string>(p2p::PeerId, Deadline)>;
  // What came of it: the label, or none.
  using Tell = std::function<void(const p2p::PeerId&, std::optional<std::string> label)>;

  Prober(Runtime& runtime, Ask ask, Tell tell)
      : runtime_(runtime),
        ask_(std::move(ask)),
        tell_(std::move(tell)),
        idle_(runtime),
        tasks_(runtime, "probes") {}

  void probe(const p2p::PeerId& peer);  // soon; not twice, and not while too many wait
  Task<> settled(Deadline by);          // until nobody waits
  Task<> close() { return tasks_.close(); }

  std::size_t running() const { return running_.size(); }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  void fill();
  Task<> run_one(p2p::PeerId peer);
  void done(const p2p::PeerId& peer, std::optional<std::string> label);

  Runtime& runtime_;
  Ask ask_;
  Tell tell_;
  std::deque<p2p::PeerId> waiting_;
  std::set<p2p::PeerId> wanted_;  // waiting or running
  std::set<p2p::PeerId> running_;
  std::map<p2p::PeerId, Instant> failed_;  // of the last probe_pause
  Signal idle_;
  TaskScope tasks_;
};

}  // namespace goop::peer::presence
