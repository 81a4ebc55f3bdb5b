#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {
namespace {

// Ids in one control RPC, so that it stays below what rust-libp2p takes.
constexpr std::size_t ids_per_rpc = 1000;

template <class T>
bool has(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

Router::Router(PeerId self, RouterConfig config, std::uint64_t seed)
    : self_(self),
      config_(std::move(config)),
      chance_(seed),
      hash_key_(chance_()),
      seen_(hash_key_),
      cache_(config_.history, config_.gossip_history, hash_key_),
      checking_(0, MessageIdHash(hash_key_)),
      promises_(0, MessageIdHash(hash_key_)) {}

// --- neighbours ---

void Router::add_peer(const PeerId& peer, Neighbour neighbour) {
  const auto [place, fresh] = peers_.try_emplace(peer);
  Peer& added = place->second;
  added.neighbour = std::move(neighbour);
  if (!fresh) return;
  added.id = peer;
  added.direct = has(config_.direct, peer);
  added.unwanted = decltype(added.unwanted)(0, MessageIdHash(hash_key_));
  if (const auto kept = kept_.extract(peer)) added.score = kept.mapped().score;
}

void Router::can_send(const PeerId& peer, Version version, Instant now) {
  Peer* found = find(peer);
  GOOP_ASSERT(found != nullptr);
  found->version = version;
  say_hello(peer);
  for (auto& [topic, state] : topics_) {
    if (has(state.subscribers, found)) graft_early(topic, state, *found, now);
  }
}

void Router::cannot_send(const PeerId& peer) {
  Peer* found = find(peer);
  if (!found) return;
  found->version.reset();
  for (auto& [topic, state] : topics_) std::erase(state.mesh, found);
}

void Router::say_hello(const PeerId& peer) {
  const Peer* found = find(peer);
  if (!found || !found->version) return;
  std::vector<Subscription> all;
  for (const auto& [topic, state] : topics_) {
    if (state.joined) all.push_back({topic, true});
  }
  output_.push_back({peer, Send::Kind::subscriptions, std::move(all)});
}

void Router::forget_subscriptions(const PeerId& peer) {
  if (Peer* found = find(peer)) drop_from_topics(*found);
}

void Router::drop_from_topics(Peer& peer) {
  for (auto& [topic, state] : topics_) {
    std::erase(state.subscribers, &peer);
    std::erase(state.mesh, &peer);
  }
  foreign_total_ -= peer.foreign.size();
  peer.foreign.clear();
}

void Router::remove_peer(const PeerId& peer, Instant now) {
  Peer* found = find(peer);
  if (!found) return;
  drop_from_topics(*found);
  std::erase(dirty_, found);
  drop_promises([&](const Promise& made) { return made.peer == peer; });
  // Who did wrong is not forgiven for calling again.
  if (found->score.value() < 0) {
    if (kept_.size() >= limits::kept_scores) {
      kept_.erase(
          std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.left; }));
    }
    kept_[peer] = {found->score, now};
  }
  peers_.erase(peer);
}

// --- topics ---

bool Router::may_add_topic(const Topic& topic) const {
  return topics_.contains(topic) || topics_.size() < limits::own_topics;
}

Router::TopicState* Router::joined(const Topic& topic) {
  const auto found = topics_.find(topic);
  return found != topics_.end() && found->second.joined ? &found->second : nullptr;
}

// From now on the topic is one of ours: who subscribed to it counts.
Router::TopicState& Router::own_topic(const Topic& topic) {
  const auto [place, fresh] = topics_.try_emplace(topic);
  TopicState& state = place->second;
  if (!fresh) return state;
  for (auto& [id, peer] : peers_) {
    if (peer.foreign.erase(topic) == 0) continue;
    --foreign_total_;
    state.subscribers.push_back(&peer);
  }
  return state;
}

void Router::release_topic(const Topic& topic) {
  auto state = topics_.extract(topic);
  for (Peer* peer : state.mapped().subscribers) note_foreign(*peer, {topic, true});
}

void Router::join(const Topic& topic, Instant now) {
  TopicState& state = own_topic(topic);
  GOOP_ASSERT(!state.joined);
  state.joined = true;
  Peers was_fanout = std::exchange(state.mesh, {});
  for (Peer* peer : was_fanout) {
    if (may_graft(topic, state, *peer, now)) graft(topic, state, *peer);
  }
  graft_up_to(topic, state, config_.degree, now);
  for (auto& [id, peer] : peers_) {
    if (!peer.version) continue;
    output_.push_back({id, Send::Kind::subscriptions, std::vector<Subscription>{{topic, true}}});
  }
}

void Router::leave(const Topic& topic, Instant now) {
  TopicState* state = joined(topic);
  GOOP_ASSERT(state != nullptr);
  const Peers mesh = state->mesh;
  for (Peer* peer : mesh) prune(topic, *state, *peer, config_.leave_backoff, now);
  release_topic(topic);
  for (auto& [id, peer] : peers_) {
    if (!peer.version) continue;
    output_.push_back({id, Send::Kind::subscriptions, std::vector<Subscription>{{topic, false}}});
  }
}

void Router::on_subscription(Peer& peer, const Subscription& subscription, Instant now) {
  const auto found = topics_.find(subscription.topic);
  if (found == topics_.end()) return note_foreign(peer, subscription);
  TopicState& state = found->second;
  if (!subscription.subscribe) {
    std::erase(state.subscribers, &peer);
    // Who comes and goes is not grafted each time.
    if (std::erase(state.mesh, &peer) > 0) {
      back_off(found->first, peer.id, config_.leave_backoff, now);
    }
  } else if (!has(state.subscribers, &peer)) {
    state.subscribers.push_back(&peer);
    graft_early(found->first, state, peer, now);
  }
}

// Only the name is kept, and only while the subscription lasts (CVE-2026-46679).
void Router::note_foreign(Peer& peer, const Subscription& subscription) {
  if (!subscription.subscribe) {
    foreign_total_ -= peer.foreign.erase(subscription.topic);
  } else if (peer.foreign.size() < limits::peer_topics &&
             foreign_total_ < limits::foreign_subscriptions) {
    foreign_total_ += peer.foreign.insert(subscription.topic).second ? 1 : 0;
  }
}

// --- messages ---

void Router::publish(const MessagePtr& message, Instant now) {
  seen_.add(message->id, now);
  cache_.put(message);
  TopicState& topic = own_topic(message->topic);
  topic.published = now;
  if (!topic.joined) fill_fanout(topic);
  ++counters_.published;
  if (!config_.flood_publish) return forward(message, topic, {});
  for (Peer* peer : topic.subscribers) {
    if (peer->direct || peer->score.value() >= scoring::publish_threshold) {
      send_message(*peer, message);
    }
  }
}

// To the mesh, to those who have no mesh, and to our own other devices.
void Router::forward(const MessagePtr& message, TopicState& topic,
                     const std::vector<PeerId>& not_to) {
  const auto wants = [&](const Peer& peer) {
    return peer.id != message->from && !has(not_to, peer.id);
  };
  for (Peer* peer : topic.mesh) {
    if (wants(*peer)) send_message(*peer, message);
  }
  for (Peer* peer : topic.subscribers) {
    const bool flooded =
        peer->version == Version::floodsub && peer->score.value() >= scoring::publish_threshold;
    if ((flooded || peer->direct) && wants(*peer) && !has(topic.mesh, peer)) {
      send_message(*peer, message);
    }
  }
}

void Router::send_message(Peer& peer, const MessagePtr& message) {
  if (!peer.version || peer.unwanted.contains(message->id)) return;
  ++counters_.forwarded;
  output_.push_back({peer.id, Send::Kind::message, message});
}

std::vector<MessagePtr> Router::on_rpc(const PeerId& from, const Rpc& rpc, Instant now) {
  Peer* peer = find(from);
  if (!peer) return {};
  for (const auto& subscription : rpc.subscriptions) on_subscription(*peer, subscription, now);
  if (graylisted(from)) {
    ++counters_.graylisted;
    return {};
  }
  for (std::size_t i = 0; i < rpc.malformed; ++i) peer->score.brought_invalid();
  counters_.rejected += rpc.malformed;

  std::vector<MessagePtr> news;
  for (const MessagePtr& message : rpc.messages) {
    const TopicState* topic = joined(message->topic);
    if (!topic || message->from == self_) continue;
    if (seen_.contains(message->id)) {
      ++counters_.duplicates;
      continue;
    }
    keep_promise(message->id);
    const auto [place, fresh] = checking_.try_emplace(message->id, Checking{message, {from}});
    // The same bytes are on their way through the check already: they share its outcome.
    if (!fresh && equal(place->second.message->wire, message->wire)) {
      place->second.brought_by.push_back(from);
      ++counters_.duplicates;
      continue;
    }
    if (fresh) announce_unwanted(message, *topic, *peer);
    news.push_back(message);
  }

  for (const Topic& topic : rpc.control.graft) on_graft(*peer, topic, now);
  for (const Prune& prune : rpc.control.prune) on_prune(*peer, prune, now);
  on_ihave(*peer, rpc.control.ihave, now);
  on_iwant(*peer, rpc.control.iwant);
  on_idontwant(*peer, rpc.control.idontwant);
  return news;
}

void Router::on_bad_rpc(const PeerId& from) {
  ++counters_.bad_rpcs;
  if (Peer* peer = find(from)) penalise(*peer);
}

bool Router::signature_held(const PeerId& from, const MessagePtr& message, Instant now) {
  if (!seen_.add(message->id, now)) {
    check_dropped(message);  // another copy was quicker
    ++counters_.duplicates;
    return false;
  }
  // It may differ from the one that was first to come, in bytes that no signature covers.
  auto& checking = checking_.try_emplace(message->id, Checking{message, {from}}).first->second;
  if (checking.message != message) checking = {message, {from}};
  return true;
}

void Router::signature_failed(const MessagePtr& message, const PeerId& from) {
  std::vector<PeerId> guilty = {from};
  const auto found = checking_.find(message->id);
  if (found != checking_.end() && found->second.message == message) {
    guilty = std::move(found->second.brought_by);
    checking_.erase(found);
  }
  ++counters_.rejected;
  for (const PeerId& id : guilty) {
    if (Peer* peer = find(id)) peer->score.brought_invalid();
  }
}

void Router::check_dropped(const MessagePtr& message) {
  const auto found = checking_.find(message->id);
  if (found != checking_.end() && found->second.message == message) checking_.erase(found);
}

void Router::judged(const MessagePtr& message, Verdict verdict) {
  auto checked = checking_.extract(message->id);
  GOOP_ASSERT(!checked.empty());
  const auto& brought_by = checked.mapped().brought_by;
  switch (verdict) {
    case Verdict::reject:
      ++counters_.rejected;
      for (const PeerId& id : brought_by) {
        if (Peer* peer = find(id)) peer->score.brought_invalid();
      }
      return;
    case Verdict::ignore:
      ++counters_.ignored;
      return;
    case Verdict::accept:
      break;
  }
  ++counters_.delivered;
  if (Peer* first = find(brought_by.front())) first->score.delivered();
  TopicState* topic = joined(message->topic);
  if (!topic) return;  // left meanwhile
  cache_.put(message);
  forward(message, *topic, brought_by);
}

// --- output ---

Control& Router::control_for(Peer& peer) {
  if (!std::exchange(peer.dirty, true)) dirty_.push_back(&peer);
  return peer.pending;
}

void Router::emit_control(Peer& peer) {
  peer.dirty = false;
  Control all = std::exchange(peer.pending, {});
  if (!peer.version) return;
  Control mesh, asking;
  mesh.graft = std::move(all.graft);
  mesh.prune = std::move(all.prune);
  if (!mesh.empty()) output_.push_back({peer.id, Send::Kind::mesh, std::move(mesh)});
  asking.iwant = std::move(all.iwant);
  asking.idontwant = std::move(all.idontwant);
  if (!asking.empty()) output_.push_back({peer.id, Send::Kind::gossip, std::move(asking)});
  for (Have& have : all.ihave) {
    for (std::size_t at = 0; at < have.ids.size(); at += ids_per_rpc) {
      const std::size_t count = std::min(ids_per_rpc, have.ids.size() - at);
      Control part;
      part.ihave.push_back({have.topic, {&have.ids[at], &have.ids[at] + count}});
      output_.push_back({peer.id, Send::Kind::gossip, std::move(part)});
    }
  }
}

std::vector<Send> Router::take_output() {
  for (Peer* peer : std::exchange(dirty_, {})) emit_control(*peer);
  return std::exchange(output_, {});
}

// --- to look at ---

Router::Peer* Router::find(const PeerId& peer) {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

const Router::Peer* Router::find(const PeerId& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? nullptr : &found->second;
}

double Router::score(const PeerId& peer) const {
  const Peer* found = find(peer);
  return found ? found->score.value() : 0;
}

bool Router::graylisted(const PeerId& peer) const {
  const Peer* found = find(peer);
  return found && !found->direct && found->score.value() < scoring::graylist_threshold;
}

std::vector<PeerId> Router::subscribers(const Topic& topic) const {
  std::vector<PeerId> ids;
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return ids;
  for (const Peer* peer : found->second.subscribers) ids.push_back(peer->id);
  return ids;
}

std::vector<PeerId> Router::mesh(const Topic& topic) const {
  std::vector<PeerId> ids;
  const auto found = topics_.find(topic);
  if (found == topics_.end() || !found->second.joined) return ids;
  for (const Peer* peer : found->second.mesh) ids.push_back(peer->id);
  return ids;
}

std::vector<PeerId> Router::fanout(const Topic& topic) const {
  std::vector<PeerId> ids;
  const auto found = topics_.find(topic);
  if (found == topics_.end() || found->second.joined) return ids;
  for (const Peer* peer : found->second.mesh) ids.push_back(peer->id);
  return ids;
}

std::size_t Router::backoffs(const Topic& topic) const {
  const auto found = backoffs_.find(topic);
  return found == backoffs_.end() ? 0 : found->second.size();
}

}  // namespace goop::p2p::pubsub
