#include "rendezvous/backplane/others.h"

#include "rendezvous/backplane/limits.h"

namespace goop::rendezvous::backplane {

bool Others::hear(ServerId from, Instant now) {
  auto at = servers_.find(from);
  if (at == servers_.end()) {
    if (servers_.size() >= limits::servers) return false;
    at = servers_.try_emplace(from).first;
  }
  at->second.heard = now;
  return true;
}

bool Others::have(const p2p::PeerId& peer) const {
  return std::ranges::any_of(servers_,
                             [&](const auto& entry) { return entry.second.share.contains(peer); });
}

std::size_t Others::in_step() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(servers_, [](const auto& entry) { return entry.second.in_step; }));
}

void Others::put(Server& server, const p2p::PeerId& peer) {
  if (server.share.insert(peer).second) server.sum += share_sum(peer);
}

void Others::take(Server& server, const p2p::PeerId& peer) {
  if (server.share.erase(peer) > 0) server.sum -= share_sum(peer);
}

// --- what they say ---

void Others::pulse(ServerId from, const Pulse& pulse) {
  auto& server = servers_.at(from);
  const bool heard_all = pulse.number + 1 == server.next;
  if (!heard_all) server.again.reset();
  const bool full = server.share.size() >= peers_;  // asking again would bring no more
  server.in_step =
      heard_all && (full || (pulse.peers == server.share.size() && pulse.sum == server.sum));
}

void Others::begin(ServerId from, const News& news) {
  auto& server = servers_.at(from);
  if (news.number != server.next) {
    server.in_step = false;
    server.again.reset();
  }
  server.next = news.number + 1;
  if (news.begin) server.again.emplace();
}

bool Others::note(ServerId from, const Entry& entry) {
  auto& server = servers_.at(from);
  if (entry.kind == Entry::Kind::here) {
    if (server.share.size() < peers_) put(server, entry.peer);
    if (server.again && server.again->size() < peers_) server.again->insert(entry.peer);
    return false;
  }
  take(server, entry.peer);
  if (server.again) server.again->erase(entry.peer);
  return !have(entry.peer);
}

Others::Peers Others::end(ServerId from, const News& news) {
  auto& server = servers_.at(from);
  if (!news.end || !server.again) return {};
  const auto before = std::exchange(server.share, {});
  server.sum = 0;
  for (const auto& peer : *server.again) put(server, peer);
  server.again.reset();
  server.in_step = true;
  Peers lost;
  for (const auto& peer : before) {
    if (!have(peer)) lost.push_back(peer);
  }
  return lost;
}

Others::Gone Others::bye(ServerId from) { return remove(from); }

Others::Gone Others::remove(ServerId id) {
  const auto at = servers_.find(id);
  const auto server = std::move(at->second);
  servers_.erase(at);
  Gone gone{id, server.heard};
  for (const auto& peer : server.share) {
    if (!have(peer)) gone.peers.push_back(peer);
  }
  return gone;
}

// --- time ---

// Without NATS nobody can be heard; and when it is back, everybody needs a moment to return.
Instant Others::patience_ends(const Server& server) const {
  if (!connected_) return server.heard + timing_.patience_alone;
  const auto since = std::max(server.heard, *connected_) + timing_.patience;
  return std::min(since, server.heard + timing_.patience_most);
}

std::vector<Others::Gone> Others::expire(Instant now) {
  std::vector<ServerId> silent;
  for (const auto& [id, server] : servers_) {
    if (patience_ends(server) <= now) silent.push_back(id);
  }
  std::vector<Gone> gone;
  for (const auto id : silent) gone.push_back(remove(id));
  return gone;
}

std::vector<ServerId> Others::to_ask(Instant now) {
  std::vector<ServerId> list;
  for (auto& [id, server] : servers_) {
    if (server.in_step || server.again || now < server.ask_after) continue;
    server.ask_after = now + limits::ask_pause;
    list.push_back(id);
  }
  return list;
}

}  // namespace goop::rendezvous::backplane
