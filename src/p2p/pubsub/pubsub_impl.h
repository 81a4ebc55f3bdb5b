// The parts of a PubSub and how they meet; private to pubsub.cpp and pubsub_streams.cpp.
#pragma once

#include "base/task_scope.h"
#include "p2p/pubsub/outbound_queue.h"
#include "p2p/pubsub/pubsub.h"
#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {

class PubSub::Impl {
 public:
  Impl(Runtime& runtime, Host& host, Options options);
  ~Impl();

  Task<> run();
  Result<void> join(const Topic& topic, Receiver receiver);
  void leave(const Topic& topic);
  Result<void> publish(const Topic& topic, BytesView data);
  Task<> flush(Deadline by);
  Counters counters() const;
  const Router& router() const { return router_; }
  std::uint64_t next_seqno() const { return next_seqno_; }

 private:
  // Our stream to a neighbour, and what waits for it.
  struct Channel {
    Channel(Runtime& runtime, const PeerId& to) : peer(to), news(runtime), settled(runtime) {}
    PeerId peer;
    OutboundQueue queue;
    Signal news;     // something to write, the stream's end, or a reason to try again at once
    Signal settled;  // something was written, or given up
    bool open = false, ended = false;
  };
  // A neighbour, while there is a stream in either direction.
  struct Link {
    std::shared_ptr<Channel> channel;
    Stream* inbound = nullptr;  // in the frame of the task that reads it
  };
  struct LinkGuard;
  struct Checks;

  // pubsub.cpp
  Task<> beat();
  void pump();
  OutboundQueue::Frame frame_of(const Send& send);
  Verdict show(const SignedMessage& message, const PeerId& via);

  // pubsub_streams.cpp
  Task<> watch_host();
  void consider(const PeerId& peer);
  bool reachable(const PeerId& peer) const;
  void drop_if_idle(const PeerId& peer);
  Task<> keep_channel(std::shared_ptr<Channel> channel);
  Task<> send_over_a_stream(Channel& channel);
  Task<> write_queue(Channel& channel, Stream& stream);
  Task<> await_end(Channel& channel, Stream& stream);
  Task<> serve(Stream stream);
  Task<> read_rpcs(PeerId peer, Stream& stream);
  Task<std::size_t> check(PeerId via, std::vector<MessagePtr> news);

  Runtime& runtime_;
  Host& host_;
  std::uint64_t next_seqno_;
  std::uint64_t host_events_;  // cursor
  Router router_;
  std::unordered_map<Topic, Receiver> receivers_;
  std::unordered_map<PeerId, Link> links_;
  std::size_t checks_ = 0;  // messages whose signatures are being checked
  Signal check_done_;
  Counters io_;                                             // of the streams
  std::pair<MessagePtr, OutboundQueue::Frame> last_frame_;  // most messages go to many
  TaskScope tasks_;
};

}  // namespace goop::p2p::pubsub
