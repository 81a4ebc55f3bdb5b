#include "p2p/pubsub/pubsub.h"

#include "base/supervised.h"
#include "p2p/pubsub/pubsub_impl.h"

namespace goop::p2p::pubsub {
namespace {

constexpr auto first_heartbeat = 100ms, heartbeat_interval = 1000ms;  // as go-libp2p

// Unix time in nanoseconds, as others do: it grows across restarts.
std::uint64_t clock_seqno(WallTime now) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
}

RouterConfig config_of(const Options& options) {
  RouterConfig config;
  config.flood_publish = options.flood_publish;
  config.direct = options.direct;
  return config;
}

}  // namespace

PubSub::Impl::Impl(Runtime& runtime, Host& host, Options options)
    : runtime_(runtime),
      host_(host),
      next_seqno_(std::max(clock_seqno(runtime.wall()), options.min_seqno)),
      host_events_(host.events().last()),
      router_(host.id(), config_of(options), runtime.random_u64()),
      check_done_(runtime),
      tasks_(runtime, "pubsub") {
  const HandlerLimits streams{limits::gossip_streams_per_peer, limits::gossip_streams};
  for (const auto& [id, version] : versions) {
    host.handle(id, [this](Stream stream) { return serve(std::move(stream)); }, streams);
  }
}

PubSub::Impl::~Impl() {
  for (const auto& [id, version] : versions) host_.unhandle(id);
}

Task<> PubSub::Impl::run() {
  std::exception_ptr thrown;
  try {
    tasks_.spawn(supervised(runtime_, "pubsub host", [this] { return watch_host(); }));
    auto beating = supervised(runtime_, "pubsub", [this] { return beat(); });
    co_await std::move(beating);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  co_await tasks_.close();
  std::rethrow_exception(thrown);
}

Task<> PubSub::Impl::beat() {
  Instant next = runtime_.now() + first_heartbeat;
  for (;;) {
    co_await runtime_.sleep_until(Deadline{next});
    router_.heartbeat(runtime_.now());
    pump();
    next = std::max(next + heartbeat_interval, runtime_.now());  // a sleep of the machine is past
  }
}

Result<void> PubSub::Impl::join(const Topic& topic, Receiver receiver) {
  if (receivers_.contains(topic)) return fail(Errc::conflict, "{} is joined already", topic);
  if (!router_.may_add_topic(topic)) return fail(Errc::busy, "too many topics");
  receivers_.emplace(topic, std::move(receiver));
  router_.join(topic, runtime_.now());
  pump();
  return {};
}

void PubSub::Impl::leave(const Topic& topic) {
  if (receivers_.erase(topic) == 0) return;
  router_.leave(topic, runtime_.now());
  pump();
}

Result<void> PubSub::Impl::publish(const Topic& topic, BytesView data) {
  if (data.size() > limits::published_bytes) {
    return fail(Errc::too_large, "message of {} bytes, at most {} are allowed", data.size(),
                limits::published_bytes);
  }
  if (!router_.may_add_topic(topic)) return fail(Errc::busy, "too many topics");
  router_.publish(sign_message(host_.key(), next_seqno_++, topic, data), runtime_.now());
  pump();
  return {};
}

Verdict PubSub::Impl::show(const SignedMessage& message, const PeerId& via) {
  const auto found = receivers_.find(message.topic);
  if (found == receivers_.end()) return Verdict::ignore;  // left while it was checked
  const Receiver receiver = found->second;                // which may leave the topic
  return receiver({message.from, to_bytes(message.data), message.topic, via});
}

OutboundQueue::Frame PubSub::Impl::frame_of(const Send& send) {
  if (const auto* message = std::get_if<MessagePtr>(&send.what)) {
    auto& [last, made] = last_frame_;
    if (last != *message) {
      last = *message;
      made = std::make_shared<const Bytes>(frame(**message));
    }
    return made;
  }
  const auto* control = std::get_if<Control>(&send.what);
  return std::make_shared<const Bytes>(
      control ? frame(*control) : frame(std::get<std::vector<Subscription>>(send.what)));
}

// Puts what the router wants sent into the queues.
void PubSub::Impl::pump() {
  for (const Send& send : router_.take_output()) {
    const auto link = links_.find(send.to);
    if (link == links_.end() || !link->second.channel || !link->second.channel->open) continue;
    Channel& channel = *link->second.channel;
    if (!channel.queue.push(send.kind, frame_of(send))) channel.ended = true;
    channel.news.notify_all();
  }
  last_frame_ = {};
}

Task<> PubSub::Impl::flush(Deadline by) {
  struct Wait {
    std::shared_ptr<Channel> channel;
    std::uint64_t number;
  };
  std::vector<Wait> waits;
  for (const auto& [peer, link] : links_) {
    if (link.channel && link.channel->open) {
      waits.push_back({link.channel, link.channel->queue.newest()});
    }
  }
  for (const auto& [channel, number] : waits) {
    while (channel->open && !channel->queue.settled(number)) {
      const Wake wake = co_await channel->settled.wait_until(by);
      if (wake == Wake::deadline) co_return;
    }
  }
}

PubSub::Counters PubSub::Impl::counters() const {
  Counters all = router_.counters();
  all.rpcs_in = io_.rpcs_in;
  all.bytes_in = io_.bytes_in;
  all.rpcs_out = io_.rpcs_out;
  all.bytes_out = io_.bytes_out;
  all.dropped = io_.dropped;
  all.held_up = io_.held_up;
  for (const auto& [peer, link] : links_) {
    if (!link.channel) continue;
    all.peers += link.channel->open ? 1 : 0;
    all.dropped += link.channel->queue.dropped();
  }
  return all;
}

// --- the interface ---

PubSub::PubSub(Runtime& runtime, Host& host, Options options)
    : impl_(std::make_unique<Impl>(runtime, host, std::move(options))) {}
PubSub::~PubSub() = default;

Task<> PubSub::run() { return impl_->run(); }
Result<void> PubSub::join(const Topic& topic, Receiver receiver) {
  return impl_->join(topic, std::move(receiver));
}
void PubSub::leave(const Topic& topic) { impl_->leave(topic); }
Result<void> PubSub::publish(const Topic& topic, BytesView data) {
  return impl_->publish(topic, data);
}
Task<> PubSub::flush(Deadline by) { return impl_->flush(by); }
std::vector<PeerId> PubSub::subscribers(const Topic& topic) const {
  return impl_->router().subscribers(topic);
}
std::vector<PeerId> PubSub::mesh(const Topic& topic) const { return impl_->router().mesh(topic); }
std::uint64_t PubSub::next_seqno() const { return impl_->next_seqno(); }
PubSub::Counters PubSub::counters() const { return impl_->counters(); }

}  // namespace goop::p2p::pubsub
