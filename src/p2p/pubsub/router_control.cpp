// What neighbours ask of the mesh and of each other's memory: GRAFT, PRUNE, IHAVE, IWANT,
// IDONTWANT.
#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {

void Router::penalise(Peer& peer) {
  ++counters_.penalties;
  peer.score.misbehaved();
}

// gossipsub 1.1, "prune backoff" and "flood protection".
void Router::on_graft(Peer& peer, const Topic& topic, Instant now) {
  TopicState* state = joined(topic);
  if (!state) return;  // no answer and no state for what we never heard of (CVE-2026-95859)
  if (std::ranges::find(state->mesh, &peer) != state->mesh.end()) return;
  const auto backoff = backoff_of(topic, peer.id);
  bool refused = peer.direct || !(peer.score.value() >= 0);
  if (backoff && now < *backoff) {
    refused = true;
    penalise(peer);
    // By what is left of it, so that a shorter back-off (ours after leaving) has no such window.
    if (*backoff - now > config_.prune_backoff - config_.graft_flood) penalise(peer);
  }
  const bool dialled_by_us = peer.neighbour.direction == Direction::outbound;
  if (state->mesh.size() >= config_.degree_high && !dialled_by_us) refused = true;
  if (place_is_full(topic, *state, peer, now)) refused = true;
  if (refused) {
    back_off(topic, peer.id, config_.prune_backoff, now);
    send_prune(peer, topic, config_.prune_backoff);
    return;
  }
  ++counters_.grafts;
  state->mesh.push_back(&peer);
}

void Router::on_prune(Peer& peer, const Prune& prune, Instant now) {
  TopicState* state = joined(prune.topic);
  if (!state) return;
  ++counters_.prunes;
  std::erase(state->mesh, &peer);
  back_off(prune.topic, peer.id, prune.backoff.value_or(config_.prune_backoff), now);
}

void Router::on_ihave(Peer& peer, const std::vector<Have>& haves, Instant now) {
  if (haves.empty() || peer.score.value() < scoring::gossip_threshold) return;
  if (++peer.ihaves > limits::ihave_per_heartbeat) return;
  std::vector<MessageId> wanted;
  std::unordered_set<MessageId, MessageIdHash> chosen(0, MessageIdHash(hash_key_));
  for (const auto& [topic, ids] : haves) {
    if (!joined(topic)) continue;
    for (const auto& id : ids) {
      if (seen_.contains(id) || (!checking_.empty() && checking_.contains(id))) continue;
      if (chosen.insert(id).second) wanted.push_back(id);
    }
  }
  shuffle(wanted);
  const std::size_t left = limits::asked_per_heartbeat - peer.asked;
  if (wanted.size() > left)
    wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(left), wanted.end());
  if (wanted.empty()) return;
  peer.asked += wanted.size();
  promise(peer, wanted.front(), now);
  auto& iwant = control_for(peer).iwant;
  iwant.insert(iwant.end(), wanted.begin(), wanted.end());
}

void Router::on_iwant(Peer& peer, const std::vector<MessageId>& ids) {
  if (peer.score.value() < scoring::gossip_threshold) return;
  for (const auto& id : ids) {
    if (peer.answered_bytes >= limits::iwant_bytes_per_heartbeat) return;
    const auto message = cache_.get_for(peer.id, id);
    if (!message) continue;
    peer.answered_bytes += message->wire.size();
    send_message(peer, message);
  }
}

// gossipsub 1.2.
void Router::on_idontwant(Peer& peer, const std::vector<MessageId>& ids) {
  if (ids.empty() || ++peer.idontwants > limits::idontwant_rpcs) return;
  std::size_t taken = 0;
  for (const auto& id : ids) {
    if (taken++ == limits::idontwant_ids || peer.unwanted.size() >= limits::unwanted_ids) return;
    peer.unwanted[id] = tick_ + config_.idontwant_life;
  }
}

// Before the check of its signature: it is the waste of the meantime that is to be saved.
void Router::announce_unwanted(const MessagePtr& message, const TopicState& topic,
                               const Peer& from) {
  if (message->wire.size() < config_.idontwant_bytes) return;
  for (Peer* peer : topic.mesh) {
    if (peer == &from || peer->version != Version::v1_2) continue;
    control_for(*peer).idontwant.push_back(message->id);
  }
}

void Router::promise(Peer& peer, const MessageId& id, Instant now) {
  if (peer.promises >= limits::promises_per_peer) return;
  auto& made = promises_[id];
  if (std::ranges::find(made, peer.id, &Promise::peer) != made.end()) return;
  made.push_back({peer.id, saturating_add(now, config_.promise_time)});
  ++peer.promises;
}

// Whoever brought it: that one of many who offered it was quicker is nobody's fault.
void Router::keep_promise(const MessageId& id) {
  if (promises_.empty()) return;
  const auto kept = promises_.extract(id);
  if (kept.empty()) return;
  for (const auto& made : kept.mapped()) {
    if (Peer* peer = find(made.peer)) --peer->promises;
  }
}

}  // namespace goop::p2p::pubsub
