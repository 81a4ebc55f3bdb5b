// The streams of pubsub: ours, which is opened again when it dies, and the other side's, which is
// only read.
#include "base/log.h"
#include "base/rate_limit.h"
#include "net/network_prefix.h"
#include "p2p/pubsub/pubsub_impl.h"
#include "p2p/work_prices.h"

namespace goop::p2p::pubsub {
namespace {

// Who shares it shares a place in a mesh: an IPv4 address, or a /64.
std::string place_of(const Multiaddr& remote) {
  const auto endpoint = remote.tcp_endpoint();
  const auto* ip = endpoint ? std::get_if<IpAddress>(&endpoint->host) : nullptr;
  return ip ? net::network_of(*ip, net::prefix::client).to_string() : std::string();
}

std::vector<ProtocolId> protocols() {
  std::vector<ProtocolId> all;
  for (const auto& [id, version] : versions) all.push_back(id);
  return all;
}

}  // namespace

// A stream's share in its neighbour's link; the last one takes it along.
struct PubSub::Impl::LinkGuard {
  LinkGuard(Impl& owner, const PeerId& of, std::function<void()> at_end)
      : impl(owner), peer(of), end(std::move(at_end)) {}
  LinkGuard(const LinkGuard&) = delete;
  ~LinkGuard() {
    end();
    impl.drop_if_idle(peer);
    impl.pump();
  }
  Impl& impl;
  PeerId peer;
  std::function<void()> end;
};

void PubSub::Impl::drop_if_idle(const PeerId& peer) {
  const auto found = links_.find(peer);
  if (found == links_.end() || found->second.channel || found->second.inbound) return;
  links_.erase(found);
  router_.remove_peer(peer, runtime_.now());
}

// --- our stream ---

Task<> PubSub::Impl::watch_host() {
  auto& events = host_.events();
  for (const auto& connection : host_.connections()) consider(connection.peer);
  for (;;) {
    auto next = events.next(host_events_);
    if (next.read == Feed<HostEvent>::Read::none) {
      co_await events.wait(host_events_, Deadline::never());
    } else if (next.read == Feed<HostEvent>::Read::gap) {
      for (const auto& connection : host_.connections()) consider(connection.peer);
    } else if (const auto* identified = std::get_if<PeerIdentified>(&*next.event)) {
      consider(identified->peer);
    }
  }
}

// A direct connection to it, and it speaks one of our protocols.
bool PubSub::Impl::reachable(const PeerId& peer) const {
  const auto facts = host_.facts(peer);
  if (!facts) return false;
  const bool speaks = std::ranges::any_of(versions, [&](const auto& entry) {
    return std::ranges::find(facts->protocols, entry.first) != facts->protocols.end();
  });
  const auto connections = host_.connections(peer);
  return speaks && !std::ranges::all_of(connections, &ConnectionInfo::limited);
}

void PubSub::Impl::consider(const PeerId& peer) {
  if (!reachable(peer)) return;
  auto& channel = links_[peer].channel;
  if (channel) {
    channel->news.notify_all();
    return;
  }
  channel = std::make_shared<Channel>(runtime_, peer);
  tasks_.spawn(keep_channel(channel));
}

Task<> PubSub::Impl::keep_channel(std::shared_ptr<Channel> channel) {
  const LinkGuard guard(*this, channel->peer,
                        [this, channel] { links_[channel->peer].channel.reset(); });
  Duration pause = limits::reopen_first;
  int failures = 0;
  while (reachable(channel->peer)) {
    const Instant start = runtime_.now();
    auto sending = send_over_a_stream(*channel);
    const auto sent = co_await attempt(std::move(sending));
    log::debug("pubsub.stream_ended", {{"peer", channel->peer}, {"error", sent.error()}});
    if (runtime_.now() - start >= limits::reopen_settled) {
      failures = 0;
      pause = limits::reopen_first;
    }
    if (++failures > limits::reopen_attempts) break;
    const auto again = Deadline::after(runtime_.now(), runtime_.jittered(pause));
    (void)co_await channel->news.wait_until(again);
    pause *= 2;
  }
}

Task<> PubSub::Impl::send_over_a_stream(Channel& channel) {
  const auto by = Deadline::after(runtime_.now(), limits::gossip_open_time);
  const OpenOptions options{.by = by, .allow_limited = false};
  Stream stream = co_await host_.open(channel.peer, protocols(), options);
  const auto version =
      std::ranges::find(versions, stream.protocol(), &std::pair<ProtocolId, Version>::first);
  const auto info = stream.connection();
  if (version == versions.end() || info.limited) raise(Errc::unsupported, "no gossip over this");

  router_.add_peer(channel.peer, {place_of(info.remote), info.direction});
  channel.open = true;
  channel.ended = false;
  router_.can_send(channel.peer, version->second, runtime_.now());
  pump();

  TaskScope waiting(runtime_, "pubsub end");
  std::exception_ptr thrown;
  try {
    waiting.spawn(await_end(channel, stream), [](std::optional<Error>) {});
    co_await write_queue(channel, stream);
  } catch (...) {
    thrown = std::current_exception();
  }
  channel.open = false;
  io_.dropped += channel.queue.dropped();
  channel.queue = OutboundQueue();
  channel.settled.notify_all();
  router_.cannot_send(channel.peer);
  co_await cleaning_up();
  co_await waiting.close();
  stream.reset();
  std::rethrow_exception(thrown);
}

// Until the stream has ended, which is a Failure.
Task<> PubSub::Impl::write_queue(Channel& channel, Stream& stream) {
  for (;;) {
    if (channel.ended) raise(Errc::closed, "the other side ended the stream, or does not read");
    if (channel.queue.empty()) {
      (void)co_await channel.news.wait_until(Deadline::never());
      continue;
    }
    const auto frames = channel.queue.take();
    std::vector<BytesView> parts;
    for (const auto& one : frames) {
      parts.push_back(*one);
      ++io_.rpcs_out;
      io_.bytes_out += one->size();
    }
    const auto by = Deadline::after(runtime_.now(), limits::gossip_write_time);
    co_await stream.write_all(parts, by);
    channel.queue.done();
    channel.settled.notify_all();
  }
}

// Nothing ever comes back on our stream: whatever does is its end.
Task<> PubSub::Impl::await_end(Channel& channel, Stream& stream) {
  auto reading = stream.fill(Deadline::never());
  (void)co_await attempt(std::move(reading));
  channel.ended = true;
  channel.news.notify_all();
}

// --- the other side's stream ---

Task<> PubSub::Impl::serve(Stream stream) {
  const auto info = stream.connection();
  if (info.limited) {
    stream.reset(ResetCode::resource_limit);
    co_return;
  }
  const PeerId peer = stream.peer();
  auto& link = links_[peer];
  router_.add_peer(peer, {place_of(info.remote), info.direction});
  if (link.inbound) {
    // One is read per peer. Who opens another has forgotten us, as go-libp2p does when it believes
    // that we were gone: we say again what we subscribed to, as it will.
    std::exchange(link.inbound, nullptr)->reset();
    router_.forget_subscriptions(peer);
    router_.say_hello(peer);
    pump();
  }
  link.inbound = &stream;
  const LinkGuard guard(*this, peer, [this, peer, &stream] {
    auto& mine = links_[peer];
    if (mine.inbound != &stream) return;
    mine.inbound = nullptr;
    router_.forget_subscriptions(peer);
  });
  co_await read_rpcs(peer, stream);
}

Task<> PubSub::Impl::read_rpcs(PeerId peer, Stream& stream) {
  TokenBucket rate(limits::gossip_rpc_rate, limits::gossip_rpc_burst);
  for (;;) {
    // It may be silent for ever, but not in the middle of an RPC.
    const BytesView some = co_await stream.fill(Deadline::never());
    if (some.empty()) co_return;
    const auto by = Deadline::after(runtime_.now(), limits::gossip_frame_time);
    auto reading = read_prefixed(stream, limits::gossip_rpc_bytes, by);
    const auto body = co_await attempt(std::move(reading));
    if (!body) {
      router_.on_bad_rpc(peer);
      throw Failure(body.error());  // where the next one begins is unknown
    }
    if (!*body) co_return;
    ++io_.rpcs_in;
    io_.bytes_in += (*body)->size();
    const Duration debt = rate.spend(runtime_.now());
    if (debt > Duration::zero()) co_await runtime_.sleep_for(debt);

    WorkUnits work = price::rpc + (*body)->size() * price::byte;
    const auto rpc = read_rpc(**body);
    std::vector<MessagePtr> news;
    if (rpc) {
      news = router_.on_rpc(peer, *rpc, runtime_.now());
      work += work_of(*rpc) + news.size() * price::signature;
    } else {
      router_.on_bad_rpc(peer);
      log::debug("pubsub.bad_rpc", {{"peer", peer}, {"error", rpc.error()}});
    }
    pump();
    co_await charge_and_wait(stream, runtime_, work);
    // The next RPC is read when these are through: a flood holds up whoever sends it.
    if (news.empty()) continue;
    const std::size_t shown = co_await check(peer, std::move(news));
    co_await charge_and_wait(stream, runtime_, shown * price::delivery);
  }
}

// Places taken for messages whose signatures are checked, given back on every path.
struct PubSub::Impl::Checks {
  Checks(Impl& owner, std::vector<MessagePtr> all) : impl(owner), messages(std::move(all)) {}
  Checks(const Checks&) = delete;
  ~Checks() {
    for (const auto& message : messages) impl.router_.check_dropped(message);
    impl.checks_ -= taken;
    impl.check_done_.notify_all();
  }
  Impl& impl;
  std::vector<MessagePtr> messages;
  std::size_t taken = 0;
};

// Gives how many of them were shown to the receivers of their topics.
Task<std::size_t> PubSub::Impl::check(PeerId via, std::vector<MessagePtr> news) {
  Checks checks(*this, std::move(news));
  while (checks_ + checks.messages.size() > limits::gossip_checks) {
    ++io_.held_up;
    (void)co_await check_done_.wait_until(Deadline::never());
  }
  checks.taken = checks.messages.size();
  checks_ += checks.taken;
  auto job = [messages = checks.messages] {
    std::vector<Result<void>> outcomes;
    for (const auto& message : messages) outcomes.push_back(check_signature(*message));
    return outcomes;
  };
  const auto outcomes = co_await runtime_.offload(std::move(job));
  std::size_t shown = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const MessagePtr& message = checks.messages[i];
    if (!outcomes[i]) {
      router_.signature_failed(message, via);
      log::debug("pubsub.bad_signature", {{"via", via}, {"error", outcomes[i].error()}});
    } else if (router_.signature_held(via, message, runtime_.now())) {
      router_.judged(message, show(*message, via));
      ++shown;
    }
  }
  pump();
  co_return shown;
}

}  // namespace goop::p2p::pubsub
