// Tells everybody that we are here: `online` once, a heartbeat, `update` when something changed,
// and `offline` before anything is torn down.
//
// Each message is signed once and goes to every channel as it is, so that readers who get it twice
// know it for the same. `ts` grows with each, also across restarts and when the clock goes back: a
// little more than was used is stored ahead, so that not every heartbeat is a write. A number that
// is further ahead of the clock than others believe was believed by nobody, and is dropped: so a
// clock that was wrong once does not lock us out until time has caught up.
//
// Our own messages may come back by other ways. One that we did not say is of an earlier run, or of
// another computer that has our key; where its number is higher, ours go on from there.
//
// Who appears offline says so once and is silent until told otherwise.
//
// The channels are callbacks, so that this is tested alone. A server that needs our e-mail for its
// registration is told it outside of the signed part, by the link to that server.
//
// Owns: `ts`.   Borrows: Runtime, the key.   Thread: loop only.   Limits: limits.h.
#pragma once

#include <deque>
#include <functional>

#include "base/failure_log.h"
#include "base/task_scope.h"
#include "peer/presence/limits.h"
#include "wire/presence.h"

namespace goop::peer::presence {

class Announcer {
 public:
  struct Options {
    Duration heartbeat = 5s;
    std::int64_t last_ts = 0;  // as stored by an earlier run
    // What is to be said of us now; type, peer and ts are filled in here.
    std::function<wire::Presence()> self;
    // One channel each. They take the message and return; `flush` waits until it is out.
    std::function<void(const wire::PresenceMessage&)> gossip, servers;
    std::function<Task<>(Deadline)> flush;
    std::function<Task<>(std::int64_t ts)> store_ts;
  };
  Announcer(Runtime& runtime, const p2p::KeyPair& key, Options options);

  Task<> run();     // announces until cancelled
  void changed();   // label or addresses did: told at once, but not more often than may be
  void newcomer();  // a neighbour came: it need not wait for the heartbeat
  enum class Appear { online, offline };
  void appear(Appear how);
  Appear appears() const { return appears_; }

  // Says `offline` and waits until it is out; nothing is announced after it. Call it first.
  Task<> stop(Deadline by);

  // A message of our identity came in, its signature checked.
  enum class Whose { ours, earlier_run, twin };
  Whose heard_own(std::int64_t ts);
  bool said(std::int64_t ts) const;  // in this run, and not too long ago

  std::int64_t last_ts() const { return last_ts_; }
  std::uint64_t announced() const { return announced_; }

 private:
  void announce(wire::PresenceType type);
  void wake_at(Instant at);
  std::int64_t next_ts() const;
  Task<> reserve();

  Runtime& runtime_;
  const p2p::KeyPair& key_;
  p2p::PeerId id_;
  Options options_;
  Signal woken_;
  Instant next_{};     // when the next message is due
  Instant last_at_{};  // of the last one
  FailureLog storing_{"presence.ts"};
  std::int64_t last_ts_;    // newest used
  std::int64_t stored_ts_;  // at most this is used without a write
  std::int64_t before_;     // no number of an earlier run is higher
  std::deque<std::int64_t> said_;
  Appear appears_ = Appear::online;
  bool said_online_ = false, stopped_ = false;
  std::uint64_t announced_ = 0;
};

}  // namespace goop::peer::presence
