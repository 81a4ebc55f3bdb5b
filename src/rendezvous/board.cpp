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

Places::Kind kind_of(bool is_signed) {
  return is_signed ? Places::Kind::is_signed : Places::Kind::is_unsigned;
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

std::optional<Outcome> Board::judge_room(const PresenceMessage& message, const net::IpAddress& from,
                                         Instant now) const {
  if (is_offline(message) || rows_.contains(message.presence.peer)) return std::nullopt;
  const auto room = places_.room_for(kind_of(message.is_signed()), from, now);
  if (room) return std::nullopt;
  return refuse(room.error().code, room.error().detail);
}

std::optional<Outcome> Board::judge(const PresenceMessage& message, const net::IpAddress& from,
                                    Instant now, WallTime wall, Via via) const {
  if (blocks_ && blocks_->has(message.presence.peer)) {
    return refuse(Errc::forbidden, std::string(blocked_text));
  }
  if (message.is_signed()) return judge_signed(message, from, now, wall, via);
  return judge_unsigned(message, from, now);
}

std::optional<Outcome> Board::judge_signed(const PresenceMessage& message,
                                           const net::IpAddress& from, Instant now, WallTime wall,
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
  return judge_room(message, from, now);
}

std::optional<Outcome> Board::judge_unsigned(const PresenceMessage& message,
                                             const net::IpAddress& from, Instant now) const {
  const auto* row = find(message.presence.peer);
  const auto ended = ended_.find(message.presence.peer);
  if ((row && row->is_signed) || (ended != ended_.end() && now < ended->second.unsigned_after)) {
    return refuse(Errc::conflict, "this peer signs its messages; this one is not signed");
  }
  return judge_room(message, from, now);
}

// --- changing ---

void Board::enter(const p2p::PeerId& peer, const Row& row) {
  places_.add(peer, kind_of(row.is_signed), row.address, row.expires);
  if (row.held) places_.hold(peer, row.heard + limits::held_busy);
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
  places_.remove(peer);
  const auto address = row.address;
  rows_.erase(at);
  return {Change::Kind::gone, ++number_, std::move(farewell), address};
}

void Board::make_room(const Source& source, Outcome& outcome, Instant now, WallTime wall) {
  const auto room = places_.room_for(kind_of(source.proof == Proof::checked), source.address, now);
  if (!room || !room->instead_of) return;
  outcome.changes.push_back(end_silent(rows_.find(*room->instead_of), now, wall));
}

// Which client a row counts for. Who lives here is known by the address that it has here; and who
// moves to one where all places are taken goes on counting where it was.
net::IpAddress Board::place_of(const Row& row, const Source& source, bool is_signed,
                               Instant now) const {
  const bool keeps = source.via == Via::backplane && lives_here(row, now);
  const bool moves = !keeps && row.address != source.address;
  return moves && places_.check_caps(kind_of(is_signed), source.address) ? source.address
                                                                         : row.address;
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
  const auto address =
      outcome.arrived ? source.address : place_of(at->second, source, is_signed, now);
  const bool stays =
      !outcome.arrived && at->second.is_signed == is_signed && at->second.address == address;
  if (outcome.arrived) {
    make_room(source, outcome, now, wall);
    at = rows_.try_emplace(peer).first;
    at->second.bytes_base = bytes_told_;
    outcome.addresses_new = true;
  } else {
    const auto& before = *at->second.message;
    changed = !same_content(before, *shared);
    outcome.addresses_new =
        changed && !same_addresses(before.presence.addresses, shared->presence.addresses);
    if (!stays) places_.remove(peer);
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
  if (stays) {
    places_.heard(peer, row.expires);
  } else {
    enter(peer, row);
  }
  const auto kind = changed ? Change::Kind::changed : Change::Kind::beat;
  if (changed) ++number_;
  outcome.changes.push_back({kind, number_, shared, address});
  return outcome;
}

}  // namespace goop::rendezvous
