// How rows of the board stay and end without a message: sockets, other servers, time; and the rows
// that a database gives back.
#include "rendezvous/board.h"

namespace goop::rendezvous {

// --- sockets ---

void Board::hold(const p2p::PeerId& peer) {
  if (const auto at = rows_.find(peer); at != rows_.end() && at->second.is_signed) {
    at->second.held = true;
    places_.hold(peer, at->second.heard + limits::held_busy);
  }
}

void Board::release(const p2p::PeerId& peer, Instant now) {
  const auto at = rows_.find(peer);
  if (at == rows_.end() || !at->second.held) return;
  auto& row = at->second;
  row.held = false;
  row.announced_until = {};
  row.expires = now + (alone_ ? ttl_of(*row.message) : limits::grace);
  places_.release(peer, row.expires);
  if (alone_) row.released_alone = now;
  graces_.emplace(row.expires, peer);
}

std::vector<Change> Board::abandon(const p2p::PeerId& peer, Instant now, WallTime wall) {
  const auto at = rows_.find(peer);
  if (at == rows_.end() || at->second.is_signed) return {};
  if (at->second.elsewhere) {
    at->second.here.reset();
    return {};
  }
  return {end_silent(at, now, wall)};
}

std::vector<Change> Board::remove(const p2p::PeerId& peer, Instant now, WallTime wall) {
  const auto at = rows_.find(peer);
  if (at == rows_.end()) return {};
  return {end_silent(at, now, wall)};
}

// --- other servers ---

void Board::joined(Instant now) {
  alone_ = false;
  for (auto& [peer, row] : rows_) {
    const auto released = std::exchange(row.released_alone, std::nullopt);
    if (!released || row.held) continue;
    const auto soon = std::max<Instant>(*released + limits::grace, now + limits::reunion);
    row.expires = std::min(row.expires, soon);
    graces_.emplace(row.expires, peer);
  }
}

void Board::vouch(const p2p::PeerId& peer) {
  if (const auto at = rows_.find(peer); at != rows_.end()) at->second.elsewhere = true;
}

void Board::withdraw(const p2p::PeerId& peer, std::optional<std::int64_t> ts, Instant until,
                     Instant now) {
  const auto at = rows_.find(peer);
  if (at == rows_.end()) return;
  auto& row = at->second;
  if (row.held && ts && row.message->presence.ts <= *ts) {
    row.held = false;
    row.expires = now + ttl_of(*row.message);
    places_.release(peer, row.expires);
    graces_.emplace(row.expires, peer);
  }
  if (!row.elsewhere) return;
  if (!lives_here(row, now)) row.here.reset();
  row.elsewhere = false;
  row.expires = std::max(row.expires, until);
  graces_.emplace(row.expires, peer);
}

// --- time ---

bool Board::listening(const net::IpAddress& address, Instant now) const {
  const auto at = listeners_.find(address);
  // A stream that breaks off comes back.
  return at != listeners_.end() && (!at->second || now < *at->second + options_.ttl);
}

void Board::stops_listening(const net::IpAddress& address, Instant now) {
  listeners_.insert_or_assign(address, now);
}

bool Board::speaks(const Row& row, Instant now) const {
  if (row.held || row.expires > now) return true;
  return row.announced_until > now && listening(row.address, now);
}

bool Board::over(const Row& row, Instant now) const {
  if (speaks(row, now)) return false;
  const auto proof = std::max<Duration>(limits::elsewhere, announced_ttl(*row.message));
  return !row.elsewhere || row.heard + proof <= now;
}

Instant Board::next_due() const {
  return graces_.empty() ? next_look_ : std::min(next_look_, graces_.begin()->first);
}

std::vector<Change> Board::expire(Instant now, WallTime wall) {
  std::vector<Change> changes;
  const auto end_if_over = [&](Rows::iterator at) {
    if (!over(at->second, now)) return false;
    changes.push_back(end_silent(at, now, wall));
    return true;
  };
  while (!graces_.empty() && graces_.begin()->first <= now) {
    const auto at = rows_.find(graces_.begin()->second);
    graces_.erase(graces_.begin());
    if (at != rows_.end()) end_if_over(at);
  }
  if (now < next_look_) return changes;
  next_look_ = now + limits::prune;
  for (auto at = rows_.begin(); at != rows_.end();) {
    const auto here = at++;
    if (end_if_over(here)) continue;
    auto& row = here->second;
    if (!lives_here(row, now)) row.here.reset();
    if (now - row.told < limits::refresh) continue;
    row.told = now;
    changes.push_back({Change::Kind::beat, number_, row.message, row.address});
  }
  std::erase_if(listeners_, [&](const auto& entry) { return !listening(entry.first, now); });
  for (auto at = ended_order_.begin(); at != ended_order_.end();) {
    const auto here = at++;
    const auto entry = ended_.find(*here);
    if (entry->second.forget > now) continue;
    ended_.erase(entry);
    ended_order_.erase(here);
  }
  return changes;
}

// --- from a database ---

bool Board::restore(wire::PresenceMessage message, bool is_signed, WallTime last_seen, Instant now,
                    WallTime wall) {
  const auto age = std::max(Duration::zero(), Duration(wall - last_seen));
  const auto left = ttl_of(message) - age;
  const auto peer = message.presence.peer;
  if (left <= Duration::zero() || rows_.size() >= options_.peers || rows_.contains(peer)) {
    if (is_signed) remember_end(peer, message.presence.ts, now, now);
    return false;
  }
  const auto at = rows_.try_emplace(peer).first;
  auto& row = at->second;
  row.message = std::make_shared<const wire::PresenceMessage>(std::move(message));
  row.is_signed = is_signed;
  row.expires = now + left;
  row.last_seen = last_seen;
  enter(peer, row);
  ++number_;
  return true;
}

void Board::restore_ended(const p2p::PeerId& peer, std::int64_t ts, Instant now) {
  remember_end(peer, ts, now + options_.ttl, now);
}

}  // namespace goop::rendezvous
