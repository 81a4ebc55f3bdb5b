// The heartbeat: meshes of the right size, of peers who deserve it; gossip to the others.
#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {
namespace {

template <class T>
bool has(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

void Router::heartbeat(Instant now) {
  ++tick_;
  expire(now);
  for (auto& [topic, state] : topics_) {
    if (state.joined) {
      maintain_mesh(topic, state, now);
    } else {
      maintain_fanout(state);
    }
    gossip(topic, state);
  }
  cache_.shift();
}

// Counters start anew, scores fade, what is old is forgotten.
void Router::expire(Instant now) {
  drop_promises([&](const Promise& made) {
    if (now < made.until) return false;
    ++counters_.broken_promises;
    if (Peer* peer = find(made.peer)) {
      --peer->promises;
      penalise(*peer);
    }
    return true;
  });
  for (auto& [id, peer] : peers_) {
    peer.score.decay();
    peer.ihaves = peer.asked = peer.answered_bytes = peer.idontwants = 0;
    std::erase_if(peer.unwanted, [&](const auto& entry) { return entry.second <= tick_; });
  }
  for (auto& [id, kept] : kept_) kept.score.decay();
  std::erase_if(kept_, [&](const auto& entry) {
    return entry.second.score.blank() || now - entry.second.left >= limits::kept_score_time;
  });
  seen_.expire(now);
  for (auto& [topic, peers] : backoffs_) {
    std::erase_if(peers, [&](const auto& e) {
      return now >= saturating_add(e.second, config_.backoff_slack);
    });
  }
  std::erase_if(backoffs_, [](const auto& entry) { return entry.second.empty(); });
  std::vector<Topic> unused;
  for (const auto& [topic, state] : topics_) {
    if (!state.joined && now - state.published >= config_.fanout_life) unused.push_back(topic);
  }
  for (const Topic& topic : unused) release_topic(topic);
}

// --- back-off ---

void Router::back_off(const Topic& topic, const PeerId& peer, Duration span, Instant now) {
  auto& peers = backoffs_[topic];
  if (peers.size() >= limits::backoff_peers && !peers.contains(peer)) {
    peers.erase(std::ranges::min_element(peers, {}, [](const auto& e) { return e.second; }));
  }
  auto& until = peers[peer];
  until = std::max(until, saturating_add(now, span));
}

std::optional<Instant> Router::backoff_of(const Topic& topic, const PeerId& peer) const {
  const auto peers = backoffs_.find(topic);
  if (peers == backoffs_.end()) return std::nullopt;
  const auto found = peers->second.find(peer);
  if (found == peers->second.end()) return std::nullopt;
  return found->second;
}

// --- who may be in a mesh ---

bool Router::may_graft(const Topic& topic, const TopicState& state, const Peer& peer,
                       Instant now) const {
  if (!peer.gossips() || peer.direct || peer.score.value() < 0) return false;
  if (std::ranges::find(state.mesh, &peer) != state.mesh.end()) return false;
  const auto backoff = backoff_of(topic, peer.id);
  return !backoff || now >= saturating_add(*backoff, config_.backoff_slack);
}

std::size_t Router::at_place(const TopicState& state, const std::string& place) const {
  if (place.empty()) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(
      state.mesh, [&](const Peer* peer) { return peer->neighbour.place == place; }));
}

// Many at one address may be one attacker, or a class behind one router. So the cap holds only
// while there is somebody elsewhere to have instead.
bool Router::place_is_full(const Topic& topic, const TopicState& state, const Peer& peer,
                           Instant now) const {
  const std::string& place = peer.neighbour.place;
  if (at_place(state, place) < config_.per_place) return false;
  return std::ranges::any_of(state.subscribers, [&](const Peer* other) {
    return other->neighbour.place != place && may_graft(topic, state, *other, now);
  });
}

Router::Peers Router::candidates(const Topic& topic, const TopicState& state, Instant now) {
  Peers found;
  for (Peer* peer : state.subscribers) {
    if (may_graft(topic, state, *peer, now)) found.push_back(peer);
  }
  shuffle(found);
  return found;
}

void Router::graft(const Topic& topic, TopicState& state, Peer& peer) {
  ++counters_.grafts;
  state.mesh.push_back(&peer);
  control_for(peer).graft.push_back(topic);
}

// A small mesh takes a new subscriber at once, as js-libp2p does: until the next heartbeat neither
// side would get what the other publishes.
void Router::graft_early(const Topic& topic, TopicState& state, Peer& peer, Instant now) {
  if (!state.joined || state.mesh.size() >= config_.degree_low) return;
  if (!may_graft(topic, state, peer, now)) return;
  if (at_place(state, peer.neighbour.place) < config_.per_place) graft(topic, state, peer);
}

// Places that are full come last, and only while the mesh is too small.
void Router::graft_up_to(const Topic& topic, TopicState& state, std::size_t size, Instant now) {
  const Peers found = candidates(topic, state, now);
  for (Peer* peer : found) {
    if (state.mesh.size() >= size) return;
    if (at_place(state, peer->neighbour.place) < config_.per_place) graft(topic, state, *peer);
  }
  for (Peer* peer : found) {
    if (state.mesh.size() >= config_.degree_low) return;
    if (!has(state.mesh, peer)) graft(topic, state, *peer);
  }
}

void Router::prune(const Topic& topic, TopicState& state, Peer& peer, std::chrono::seconds backoff,
                   Instant now) {
  std::erase(state.mesh, &peer);
  back_off(topic, peer.id, backoff, now);
  send_prune(peer, topic, backoff);
}

void Router::send_prune(Peer& peer, const Topic& topic, std::chrono::seconds backoff) {
  if (!peer.gossips()) return;
  std::optional<std::chrono::seconds> told = backoff;
  if (*peer.version == Version::v1_0) told.reset();
  control_for(peer).prune.push_back({topic, told});
}

// --- the mesh of one topic ---

void Router::maintain_mesh(const Topic& topic, TopicState& state, Instant now) {
  const Peers before = state.mesh;
  for (Peer* peer : before) {
    if (peer->score.value() < 0) prune(topic, state, *peer, config_.prune_backoff, now);
  }
  thin_out_places(topic, state, now);
  if (state.mesh.size() < config_.degree_low) graft_up_to(topic, state, config_.degree, now);
  if (state.mesh.size() > config_.degree_high) shrink_mesh(topic, state, now);
  if (state.mesh.size() >= config_.degree_low) graft_dialled(topic, state, now);
  if (tick_ % config_.opportunistic_ticks == 0) graft_better(topic, state, now);
}

void Router::thin_out_places(const Topic& topic, TopicState& state, Instant now) {
  Peers mesh = state.mesh;
  std::ranges::sort(mesh, {}, [](const Peer* peer) { return peer->score.value(); });
  for (Peer* peer : mesh) {
    if (at_place(state, peer->neighbour.place) <= config_.per_place) continue;
    if (place_is_full(topic, state, *peer, now)) {
      prune(topic, state, *peer, config_.prune_backoff, now);
    }
  }
}

// The best stay, the others by lot; of those that we dialled ourselves at least degree_out, since
// an attacker cannot choose them.
void Router::shrink_mesh(const Topic& topic, TopicState& state, Instant now) {
  Peers order = state.mesh;
  shuffle(order);
  std::ranges::sort(order, std::greater(), [](const Peer* p) { return p->score.value(); });
  const auto best = order.begin() + static_cast<std::ptrdiff_t>(config_.degree_score);
  std::shuffle(best, order.end(), chance_);
  const auto dialled = [](const Peer* p) { return p->neighbour.direction == Direction::outbound; };
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(config_.degree);
  auto kept = static_cast<std::size_t>(std::count_if(order.begin(), cut, dialled));
  // Bring the dialled ones among the losers in, for the last of the others.
  for (auto loser = cut; loser != order.end() && kept < config_.degree_out; ++loser) {
    if (!dialled(*loser)) continue;
    const auto out = std::find_if_not(std::make_reverse_iterator(cut), order.rend(), dialled);
    if (out == order.rend()) break;
    std::iter_swap(loser, out);
    ++kept;
  }
  const Peers losers(cut, order.end());
  for (Peer* peer : losers) prune(topic, state, *peer, config_.prune_backoff, now);
}

void Router::graft_dialled(const Topic& topic, TopicState& state, Instant now) {
  const auto dialled = [](const Peer* p) { return p->neighbour.direction == Direction::outbound; };
  auto count = static_cast<std::size_t>(std::ranges::count_if(state.mesh, dialled));
  if (count >= config_.degree_out) return;
  for (Peer* peer : candidates(topic, state, now)) {
    if (count >= config_.degree_out) return;
    if (!dialled(peer) || at_place(state, peer->neighbour.place) >= config_.per_place) continue;
    graft(topic, state, *peer);
    ++count;
  }
}

// A mesh whose members deliver little gets some who do: those who answered when we had to ask.
void Router::graft_better(const Topic& topic, TopicState& state, Instant now) {
  if (state.mesh.size() < 2) return;
  std::vector<double> scores;
  for (const Peer* peer : state.mesh) scores.push_back(peer->score.value());
  std::ranges::sort(scores);
  const double median = scores[scores.size() / 2];
  if (median >= scoring::opportunistic_threshold) return;
  std::size_t grafted = 0;
  for (Peer* peer : candidates(topic, state, now)) {
    if (grafted == config_.opportunistic_peers) return;
    if (peer->score.value() <= median || place_is_full(topic, state, *peer, now)) continue;
    graft(topic, state, *peer);
    ++grafted;
  }
}

// --- topics we only publish to ---

void Router::maintain_fanout(TopicState& state) {
  std::erase_if(state.mesh,
                [](const Peer* peer) { return peer->score.value() < scoring::publish_threshold; });
  fill_fanout(state);
}

void Router::fill_fanout(TopicState& state) {
  Peers found = state.subscribers;
  shuffle(found);
  for (Peer* peer : found) {
    if (state.mesh.size() >= config_.degree) return;
    const bool fit =
        peer->gossips() && !peer->direct && peer->score.value() >= scoring::publish_threshold;
    if (fit && !has(state.mesh, peer)) state.mesh.push_back(peer);
  }
}

// --- gossip ---

void Router::gossip(const Topic& topic, const TopicState& state) {
  std::vector<MessageId> ids = cache_.gossip_ids(topic);
  if (ids.empty()) return;
  Peers targets;
  for (Peer* peer : state.subscribers) {
    const bool fit =
        peer->gossips() && !peer->direct && peer->score.value() >= scoring::gossip_threshold;
    if (fit && !has(state.mesh, peer)) targets.push_back(peer);
  }
  shuffle(targets);
  const auto share = static_cast<std::size_t>(config_.gossip_factor * double(targets.size()));
  const std::size_t count = std::min(targets.size(), std::max(config_.degree_lazy, share));
  for (std::size_t i = 0; i < count; ++i) {
    const bool too_many = ids.size() > limits::told_per_ihave;
    if (too_many || i == 0) shuffle(ids);  // each target learns of other ones
    const auto told = std::min(ids.size(), limits::told_per_ihave);
    control_for(*targets[i]).ihave.push_back({topic, {ids.data(), ids.data() + told}});
  }
}

}  // namespace goop::p2p::pubsub
