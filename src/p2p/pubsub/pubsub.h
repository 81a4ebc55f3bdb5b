// Publish and subscribe among the peers that a host is connected to: GossipSub, with FloodSub for
// those who know no better.
//
//   pubsub::PubSub gossip(runtime, host);                 // before the host starts
//   gossip.join(topic, [&](const pubsub::Message& m) { return intake(m); });
//   scope.spawn(gossip.run());
//   gossip.publish(topic, bytes);
//   co_await gossip.flush(by);                            // before stopping
//
// All decisions are the router's (pubsub/router.h); here are the streams. Every peer opens a stream
// of its own and only writes to it; what it reads comes over the stream that the other one opened.
// That stream is never written to nor ended by us, since go-libp2p takes anything coming back on it
// for the peer's death. Ours is opened once identify has told what the peer speaks, and opened
// again, with growing pauses, when it dies. Connections through a relay carry no gossip.
//
// Messages are signed by their author (StrictSign): `from` is proven when a message arrives here,
// `via` is the neighbour that brought it. Signatures are checked on the pool.
//
// Spec:   libp2p gossipsub 1.0, 1.1, 1.2.   Limits: pubsub/limits.h
// Owns:   router, queues, the tasks of its streams.   Borrows: Runtime, Host.   Thread: loop only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "p2p/host.h"
#include "p2p/pubsub/topic.h"

namespace goop::p2p::pubsub {

struct Message {
  PeerId from;  // its author, proven
  Bytes data;
  Topic topic;
  PeerId via;  // the neighbour it came from
};

// What to do with a message: pass it on; drop it and hold it against the neighbour; just drop it.
enum class Verdict { accept, reject, ignore };
using Receiver = std::function<Verdict(const Message&)>;

struct Options {
  // No own message is numbered below it: what PubSub::next_seqno said in an earlier run. Without
  // it the clock alone makes numbers grow across restarts.
  std::uint64_t min_seqno = 0;
  bool flood_publish = true;   // own messages go to every subscriber at once
  std::vector<PeerId> direct;  // always get every message, are never judged: own devices
};

class PubSub {
 public:
  using Verdict = pubsub::Verdict;
  using Message = pubsub::Message;

  // Registers the protocols: go-libp2p asks but once per connection whether we speak them.
  PubSub(Runtime& runtime, Host& host, Options options = {});
  ~PubSub();  // run() must have ended

  // Until cancelled. Must run for anything to be sent or received.
  Task<> run();

  // Each message of others on `topic` is shown to `receiver` once, its signature checked already.
  // Own messages are not. conflict: joined already; busy: limits::own_topics.
  Result<void> join(const Topic& topic, Receiver receiver);
  void leave(const Topic& topic);

  // Signs and sends; works without having joined. too_large: limits::published_bytes; busy.
  Result<void> publish(const Topic& topic, BytesView data);

  // Until everything that was published before has been handed to the connections, or is beyond
  // hope (its peer has gone), or the deadline.
  Task<> flush(Deadline by);

  std::vector<PeerId> subscribers(const Topic& topic) const;  // of a joined topic
  std::vector<PeerId> mesh(const Topic& topic) const;
  std::uint64_t next_seqno() const;

  struct Counters {
    std::uint64_t peers = 0;  // that we have a stream to, now
    std::uint64_t published = 0, delivered = 0, duplicates = 0, rejected = 0, ignored = 0;
    std::uint64_t forwarded = 0, dropped = 0;  // copies sent on; queue entries given up
    std::uint64_t held_up = 0;                 // checks that had to wait for others
    std::uint64_t rpcs_in = 0, bytes_in = 0, rpcs_out = 0, bytes_out = 0, bad_rpcs = 0;
    std::uint64_t grafts = 0, prunes = 0, penalties = 0, broken_promises = 0, graylisted = 0;
  };
  Counters counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::p2p::pubsub
