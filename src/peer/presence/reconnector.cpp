#include "peer/presence/reconnector.h"

#include <algorithm>

namespace goop::peer::presence {
namespace {

Duration longer(Duration pause) {
  return std::clamp<Duration>(2 * pause, limits::reconnect_first, limits::reconnect_most);
}

}  // namespace

void Reconnector::lost(const p2p::PeerId& peer) {
  const auto now = runtime_.now();
  const auto found = peers_.find(peer);
  if (found == peers_.end()) make_room();
  auto& wanted = peers_[peer];
  const bool held = !wanted.connected_at || now - *wanted.connected_at >= limits::reconnect_settled;
  wanted.pause = held ? Duration() : longer(wanted.pause);
  wanted.connected_at.reset();
  wanted.lost = now;
  // Both sides lose it at one moment: chance lets one be first.
  const Duration spread(runtime_.random_below(
      static_cast<std::uint64_t>(Duration(limits::reconnect_spread).count())));
  wanted.due = saturating_add(now, wanted.pause + spread);
  news_.notify_all();
}

void Reconnector::make_room() {
  if (peers_.size() < limits::reconnect_peers) return;
  // Who is connected again needs nothing; else the one that was lost first.
  peers_.erase(std::ranges::min_element(peers_, {}, [](const auto& entry) {
    return std::pair(!entry.second.connected_at, entry.second.lost);
  }));
}

void Reconnector::connected(const p2p::PeerId& peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end() || found->second.connected_at) return;
  found->second.connected_at = runtime_.now();
  hurry_all();  // what was in the way of one was perhaps in the way of all
}

void Reconnector::left(const p2p::PeerId& peer) { peers_.erase(peer); }

void Reconnector::hurry(const p2p::PeerId& peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end() || found->second.connected_at) return;
  found->second.due = std::min(found->second.due, runtime_.now());
  found->second.hurried = true;
  news_.notify_all();
}

void Reconnector::hurry_all() {
  for (auto& [peer, wanted] : peers_) {
    if (wanted.connected_at) continue;
    wanted.due = std::min(wanted.due, runtime_.now());
    wanted.hurried = true;
  }
  news_.notify_all();
}

bool Reconnector::waits_for(const p2p::PeerId& peer) const {
  const auto found = peers_.find(peer);
  return found != peers_.end() && !found->second.connected_at;
}

Task<> Reconnector::run() {
  for (;;) {
    const Deadline next{start_due()};
    co_await news_.wait_until(next);
  }
}

Instant Reconnector::start_due() {
  const auto now = runtime_.now();
  auto next = Instant::max();
  std::erase_if(peers_, [now](const auto& entry) {
    const auto& wanted = entry.second;
    const auto since = wanted.connected_at.value_or(wanted.lost);
    const auto life = wanted.connected_at ? limits::reconnect_settled : limits::reconnect_life;
    return !wanted.dialling && now >= saturating_add(since, life);
  });
  for (auto& [peer, wanted] : peers_) {
    if (wanted.dialling) continue;
    if (wanted.connected_at) {
      next = std::min(next, saturating_add(*wanted.connected_at, limits::reconnect_settled));
    } else if (wanted.due > now) {
      next = std::min(next, wanted.due);
    } else if (dialling_ < limits::reconnects_at_once) {
      wanted.dialling = true;
      wanted.hurried = false;
      ++dialling_;
      tasks_.spawn(try_one(peer));
    }
  }
  return next;
}

Task<> Reconnector::try_one(p2p::PeerId peer) {
  auto dialling = dial_(peer, Deadline::after(runtime_.now(), limits::reconnect_time));
  const auto reached = co_await attempt(std::move(dialling));
  --dialling_;
  if (const auto found = peers_.find(peer); found != peers_.end()) {
    found->second.dialling = false;
    reached ? connected(peer) : failed(found->second);
  }
  news_.notify_all();
}

void Reconnector::failed(Wanted& wanted) {
  wanted.pause = longer(wanted.pause);
  // What came in while it was being dialled was perhaps a better address.
  wanted.due = wanted.hurried ? runtime_.now()
                              : saturating_add(runtime_.now(), runtime_.jittered(wanted.pause));
  wanted.hurried = false;
}

Task<> Reconnector::close() { return tasks_.close(); }

}  // namespace goop::peer::presence
