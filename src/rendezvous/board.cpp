#include "rendezvous/board.h"

#include "rendezvous/operator/blocks.h"

namespace goop::rendezvous {
namespace {

using wire::PresenceMessage;
using wire::PresenceType;

std::int64_t to_count(Duration span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

Outcome refuse(Errc code, std::string text) {
  Outcome outcome;
  outcome.refused = Error{code, std::move(text)};
  return outcome;
}

// The same but for what every heartbeat changes.
bool same_content(const PresenceMessage& a, const PresenceMessage& b) {
  const auto &x = a.presence, &y = b.presence;
  return a.verified == b.verified && a.is_signed() == b.is_signed() && x.label == y.label &&
         x.email == y.email && x.avatar_hash == y.avatar_hash &&
         x.active_template == y.active_template && x.client_version == y.client_version &&
         x.video_disabled == y.video_disabled && x.encryption_supported == y.encryption_supported &&
         x.listed == y.listed && x.public_key == y.public_key && x.addresses == y.addresses &&
         x.ttl == y.ttl;
}

bool same_addresses(std::vector<p2p::Multiaddr> a, std::vector<p2p::Multiaddr> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

bool is_offline(const PresenceMessage& message) {
  return message.presence.type == PresenceType::offline;
}

}  // namespace

Message server_offline(const p2p::PeerId& peer, WallTime wall) {
  PresenceMessage message;
  message.presence.type = PresenceType::offline;
  message.presence.peer = peer;
  message.presence.ts = to_ms(wall);
  return std::make_shared<const PresenceMessage>(std::move(message));
}

// --- looking ---

const Row* Board::find(const p2p::PeerId& peer) const {
  const auto at = rows_.find(peer);
  return at == rows_.end() ? nullptr : &at->second;
}

std::size_t Board::rows_at(const net::IpAddress& address) const {
  const auto at = at_address_.find(address);
  return at == at_address_.end() ? 0 : at->second.all;
}

std::optional<std::int64_t> Board::last_ts(const p2p::PeerId& peer) const {
  const auto* row = find(peer);
  if (row && row->is_signed) return row->message->presence.ts;
  const auto at = ended_.find(peer);
  if (at == ended_.end()) return std::nullopt;
  return at->second.ts;
}

std::optional<std::int64_t> Board::believed_ts(const p2p::PeerId& peer, WallTime wall) const {
  const auto last = last_ts(peer);
  if (last && *last > to_ms(wall) + to_count(limits::clock_window)) return std::nullopt;
  return last;
}

Duration Board::announced_ttl(const PresenceMessage& message) const {
  const auto& told = message.presence.ttl;
  if (!told || !message.is_signed()) return options_.ttl;
  return std::max<Duration>(options_.ttl, *told);
}

Duration Board::ttl_of(const PresenceMessage& message) const {
  const auto most = std::max<Duration>(options_.ttl, limits::announced_ttl);
  return std::min(announced_ttl(message), most);
}

bool Board::full_for(bool is_signed, const net::IpAddress& from) const {
  const auto at = at_address_.find(from);
  if (!from.is_loopback() && at != at_address_.end()) {
    if (at->second.all >= limits::peers_per_address) return true;
    if (!is_signed && at->second.is_unsigned >= limits::unsigned_per_address) return true;
  }
  if (is_signed) return rows_.size() >= options_.peers && unsigned_.empty();
  return rows_.size() >= options_.peers ||
         unsigned_.size() >= options_.peers / limits::unsigned_share;
}

// --- judging ---

std::optional<Outcome> Board::judge(const PresenceMessage& message, const net::IpAddress& from,
                                    Instant now, WallTime wall, Via via) const {
  if (blocks_ && blocks_->has(message.presence.peer)) {
    return refuse(Errc::forbidden, std::string(blocked_text));
  }
  if (message.is_signed()) return judge_signed(message, from, wall, via);
  return judge_unsigned(message, from, now);
}

std::optional<Outcome> Board::judge_signed(const PresenceMessage& message,
                                           const net::IpAddress& from, WallTime wall,
                                           Via via) const {
  const auto& presence = message.presence;
  const auto difference = presence.ts - to_ms(wall);
  // Another server may have taken the message a while ago, and the peer need not have said more.
  const auto behind = via == Via::backplane
                          ? to_count(limits::clock_window + announced_ttl(message))
                          : to_count(limits::clock_window);
  if (difference > to_count(limits::clock_window) || -difference > behind) {
    auto outcome =
        refuse(Errc::invalid,
               fmt::format("the clocks differ: ts is {} seconds {} this server's",
                           std::abs(difference) / 1000, difference > 0 ? "ahead of" : "behind"));
    outcome.clock_difference_ms = difference;
    return outcome;
  }
  if (const auto last = believed_ts(presence.peer, wall); last && presence.ts <= *last) {
    if (presence.ts < *last) {
      return refuse(Errc::conflict,
                    fmt::format("older than what is known: ts must be over {}", *last));
    }
    Outcome duplicate;
    duplicate.duplicate = true;
    return duplicate;
  }
  if (!is_offline(message) && !rows_.contains(presence.peer) && full_for(true, from)) {
    return refuse(Errc::busy, "the board is full");
  }
  return std::nullopt;
}

std::optional<Outcome> Board::judge_unsigned(const PresenceMessage& message,
                                             const net::IpAddress& from, Instant now) const {
  const auto* row = find(message.presence.peer);
  const auto ended = ended_.find(message.presence.peer);
  if ((row && row->is_signed) || (ended != ended_.end() && now < ended->second.unsigned_after)) {
    return refuse(Errc::conflict, "this peer signs its messages; this one is not signed");
  }
  if (!row && !is_offline(message) && full_for(false, from)) {
    return refuse(Errc::busy, "the board is full");
  }
  return std::nullopt;
}

// --- changing ---

void Board::enter(Rows::iterator at) {
  auto& [peer, row] = *at;
  auto& count = at_address_[row.address];
  ++count.all;
  if (row.is_signed) return;
  ++count.is_unsigned;
  row.in_unsigned = unsigned_.insert(unsigned_.end(), peer);
}

void Board::leave(Rows::iterator at) {
  auto& row = at->second;
  const auto counted = at_address_.find(row.address);
  --counted->second.all;
  if (!row.is_signed) {
    --counted->second.is_unsigned;
    unsigned_.erase(row.in_unsigned);
  }
  if (counted->second.all == 0) at_address_.erase(counted);
}

void Board::remember_end(const p2p::PeerId& peer, std::int64_t ts, Instant unsigned_after,
                         Instant now) {
  if (const auto at = ended_.find(peer); at != ended_.end()) {
    ended_order_.erase(at->second.in_order);
    ended_.erase(at);
  } else if (ended_.size() >= limits::ended) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
  const auto forget = std::max(now + 2 * limits::clock_window, unsigned_after);
  ended_.emplace(peer,
                 Ended{ts, forget, unsigned_after, ended_order_.insert(ended_order_.end(), peer)});
}

Change Board::end_silent(Rows::iterator at, Instant now, WallTime wall) {
  auto last = at->second.message;
  auto change = end(at, server_offline(at->first, wall), now);
  change.last = std::move(last);
  return change;
}

Change Board::end(Rows::iterator at, Message farewell, Instant now) {
  const auto peer = at->first;
  const auto& row = at->second;
  if (row.is_signed) {
    const auto ts = (farewell->is_signed() ? farewell : row.message)->presence.ts;
    const auto after = row.held ? now + ttl_of(*row.message) : std::max(now, row.expires);
    remember_end(peer, ts, after, now);
  }
  leave(at);
  const auto address = row.address;
  rows_.erase(at);
  return {Change::Kind::gone, ++number_, std::move(farewell), address};
}

void Board::make_room(Outcome& outcome, Instant now, WallTime wall) {
  if (rows_.size() < options_.peers) return;
  const auto oldest = rows_.find(unsigned_.front());
  outcome.changes.push_back(end_silent(oldest, now, wall));
}

Outcome Board::apply(PresenceMessage message, const Source& source, std::size_t bytes, Instant now,
                     WallTime wall) {
  GOOP_ASSERT(message.is_signed() == (source.proof == Proof::checked));
  if (auto judged = judge(message, source.address, now, wall, source.via))
    return *std::move(judged);
  const bool is_signed = message.is_signed();
  const auto peer = message.presence.peer;
  message.verification_token.clear();
  message.registration_email.clear();
  message.target.reset();
  if (!is_signed) {
    auto& presence = message.presence;
    // Nobody vouches for the time, so that of this server is as good.
    if (std::abs(presence.ts - to_ms(wall)) > to_count(limits::clock_window)) {
      presence.ts = to_ms(wall);
    }
    if (ended_.contains(peer)) presence.public_key.clear();
  }
  Outcome outcome;
  auto at = rows_.find(peer);
  const auto shared = std::make_shared<const PresenceMessage>(std::move(message));
  if (is_offline(*shared)) {
    if (at != rows_.end()) {
      outcome.changes.push_back(end(at, shared, now));
    }
    if (is_signed) {
      const auto known = ended_.find(peer);
      const auto after = known == ended_.end() ? now + options_.ttl : known->second.unsigned_after;
      remember_end(peer, shared->presence.ts, after, now);
    }
    return outcome;
  }
  outcome.arrived = at == rows_.end();
  bool changed = outcome.arrived;
  // Who lives here is known by the address that it has here.
  const bool keeps =
      !outcome.arrived && source.via == Via::backplane && lives_here(at->second, now);
  const auto address = keeps ? at->second.address : source.address;
  if (outcome.arrived) {
    make_room(outcome, now, wall);
    at = rows_.try_emplace(peer).first;
    at->second.bytes_base = bytes_told_;
    outcome.addresses_new = true;
  } else {
    const auto& before = *at->second.message;
    changed = !same_content(before, *shared);
    outcome.addresses_new =
        changed && !same_addresses(before.presence.addresses, shared->presence.addresses);
    leave(at);
    if (at->second.address != address) outcome.moved_from = at->second.address;
  }
  auto& row = at->second;
  row.message = shared;
  row.is_signed = is_signed;
  row.address = address;
  if (source.via == Via::client) {
    row.expires = now + ttl_of(*shared);
    row.here = shared->presence.ts;
    row.announced_until = now + announced_ttl(*shared);
    row.released_alone.reset();
  } else {
    row.elsewhere = true;
    if (outcome.arrived) row.expires = now;
  }
  row.heard = now;
  row.last_seen = wall;
  row.told = now;
  row.bytes_in += bytes;
  enter(at);
  const auto kind = changed ? Change::Kind::changed : Change::Kind::beat;
  if (changed) ++number_;
  outcome.changes.push_back({kind, number_, shared, address});
  return outcome;
}

// --- sockets ---

void Board::hold(const p2p::PeerId& peer) {
  if (const auto at = rows_.find(peer); at != rows_.end() && at->second.is_signed) {
    at->second.held = true;
  }
}

void Board::release(const p2p::PeerId& peer, Instant now) {
  const auto at = rows_.find(peer);
  if (at == rows_.end() || !at->second.held) return;
  auto& row = at->second;
  row.held = false;
  row.announced_until = {};
  row.expires = now + (alone_ ? ttl_of(*row.message) : limits::grace);
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

bool Board::restore(PresenceMessage message, bool is_signed, WallTime last_seen, Instant now,
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
  row.message = std::make_shared<const PresenceMessage>(std::move(message));
  row.is_signed = is_signed;
  row.expires = now + left;
  row.last_seen = last_seen;
  enter(at);
  ++number_;
  return true;
}

void Board::restore_ended(const p2p::PeerId& peer, std::int64_t ts, Instant now) {
  remember_end(peer, ts, now + options_.ttl, now);
}

}  // namespace goop::rendezvous
