#include "peer/presence/peer_table.h"

#include <algorithm>
#include <limits>

namespace goop::peer::presence {

using wire::PresenceType;

namespace {

constexpr std::int64_t window_ms =
    std::chrono::duration_cast<std::chrono::milliseconds>(wire::limits::presence_skew).count();

std::uint8_t bit(Channel channel) { return static_cast<std::uint8_t>(channel); }

Instant ends(Instant heard, Duration ttl) { return saturating_add(heard, ttl); }

}  // namespace

// A row before a command, to tell what the command has changed.
class PeerTable::Change {
 public:
  explicit Change(const Row& row, bool is_new = false) : before_(row.peer), is_new_(is_new) {}

  void tell(const Row& row, PeerEvents& events) {
    const KnownPeer& after = row.peer;
    if (after.online && (is_new_ || !before_.online)) {
      events.push_back({PeerEvent::Kind::appeared, after.id});
    } else if (before_.online && !after.online) {
      events.push_back({PeerEvent::Kind::left, after.id});
    } else {
      before_.last_seen = after.last_seen;  // having been heard again is no news
      if (is_new_ || before_ != after) events.push_back({PeerEvent::Kind::changed, after.id});
    }
  }

 private:
  KnownPeer before_;
  bool is_new_;
};

std::string_view PeerTable::name(Verdict verdict) {
  switch (verdict) {
    case Verdict::fresh:
      return "fresh";
    case Verdict::duplicate:
      return "duplicate";
    case Verdict::stale:
      return "stale";
    case Verdict::outranked:
      return "outranked";
    case Verdict::own:
      return "own";
    case Verdict::limited:
      return "limited";
    case Verdict::full:
      return "full";
  }
  return "";
}

void PeerTable::set_times(Duration ttl, Duration grace) {
  settings_.ttl = ttl;
  settings_.grace = grace;
}

// --- judging ---

bool PeerTable::counts_as_signed(const Sighting& sighting, Now now) {
  if (!sighting.envelope) return false;
  const std::int64_t difference = sighting.presence.ts - to_ms(now.wall);
  return -window_ms <= difference && difference <= window_ms;
}

// Newer than what is known; or what is known was taken while a clock, theirs or ours, was wrong.
bool PeerTable::in_order(const Sighting& sighting, const Signed* known, Now now) {
  return known == nullptr || sighting.presence.ts > known->ts ||
         known->ts - to_ms(now.wall) > window_ms;
}

const PeerTable::Signed* PeerTable::proof_of(const p2p::PeerId& peer) const {
  if (const auto row = rows_.find(peer); row != rows_.end()) {
    return row->second.proof.ts > 0 ? &row->second.proof : nullptr;
  }
  const auto ended = ended_.find(peer);
  return ended == ended_.end() ? nullptr : &ended->second.proof;
}

PeerTable::Verdict PeerTable::judge(const Sighting& sighting, Now now) const {
  const auto& presence = sighting.presence;
  if (presence.peer == self_) return Verdict::own;
  const Signed* known = proof_of(presence.peer);
  if (counts_as_signed(sighting, now)) {
    if (in_order(sighting, known, now)) return Verdict::fresh;
    const bool same = presence.ts == known->ts && *sighting.envelope == known->envelope;
    return same ? Verdict::duplicate : Verdict::stale;
  }
  if (known != nullptr && now.at < known->holds_until) return Verdict::outranked;
  if (const auto row = rows_.find(presence.peer); row != rows_.end()) {
    // One that was overtaken by the peer's goodbye.
    const auto overtaken = row->second.unsigned_offline_ts - presence.ts;
    const auto window =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits::reorder_window).count();
    if (presence.type != PresenceType::offline && overtaken >= 0 && overtaken < window) {
      return Verdict::stale;
    }
  }
  return Verdict::fresh;
}

// --- rows ---

PeerTable::Row* PeerTable::find_row(const p2p::PeerId& peer) {
  const auto found = rows_.find(peer);
  return found == rows_.end() ? nullptr : &found->second;
}

PeerTable::Worth PeerTable::worth(const Row& row) {
  if (row.peer.favourite) return Worth::favourite;
  if (row.peer.connected) return Worth::connected;
  if (!row.peer.online) return Worth::offline;
  return row.peer.proof == Proof::signature ? Worth::signed_message : Worth::hearsay;
}

void PeerTable::settle(Row& row) {
  const auto latest = std::numeric_limits<std::uint64_t>::max() - row.number;
  const std::pair place(worth(row), latest);
  if (place == row.place) return;
  order_.erase(row.place);
  row.place = place;
  order_.emplace(place, row.peer.id);
}

PeerTable::Row* PeerTable::find_or_make(const p2p::PeerId& peer, Worth worth, Now now,
                                        PeerEvents& events) {
  if (auto* row = find_row(peer)) return row;
  const bool favourite = favourites_.contains(peer);
  if (rows_.size() >= settings_.peers && !favourite) {
    const auto [lowest, victim] = *order_.begin();
    if (lowest.first >= worth) return nullptr;
    const p2p::PeerId gone = victim;
    remove(gone, now);
    events.push_back({PeerEvent::Kind::removed, gone});
  }
  Row& row = rows_[peer];
  row.peer.id = peer;
  row.peer.favourite = favourite;
  row.ttl = settings_.ttl;
  row.left = now.at;
  row.number = ++numbers_;
  if (const auto ended = ended_.find(peer); ended != ended_.end()) {
    row.proof = std::move(ended->second.proof);
    ended_order_.erase({ended->second.until, peer});
    ended_.erase(ended);
  }
  return &row;
}

void PeerTable::remove(const p2p::PeerId& peer, Now now) {
  const auto found = rows_.find(peer);
  if (found == rows_.end()) return;
  if (found->second.proof.ts > 0) remember_ended(peer, found->second.proof, now);
  order_.erase(found->second.place);
  rows_.erase(found);
}

void PeerTable::remember_ended(const p2p::PeerId& peer, const Signed& proof, Now now) {
  if (const auto old = ended_.find(peer); old != ended_.end()) {
    ended_order_.erase({old->second.until, peer});
  }
  const auto until =
      std::max(saturating_add(now.at, 2 * wire::limits::presence_skew), proof.holds_until);
  ended_.insert_or_assign(peer, Ended{proof, until});
  ended_order_.emplace(until, peer);
  if (ended_.size() > limits::ended_peers) {
    ended_.erase(ended_order_.begin()->second);
    ended_order_.erase(ended_order_.begin());
  }
}

// --- messages ---

PeerTable::Applied PeerTable::apply(const Sighting& sighting, Now now) {
  Applied applied{judge(sighting, now), {}};
  const auto& presence = sighting.presence;
  if (applied.verdict == Verdict::duplicate) {
    if (auto* row = find_row(presence.peer); row && row->peer.online) {
      Change change(*row);
      note_channel(*row, sighting, now);
      change.tell(*row, applied.events);
    }
    return applied;
  }
  if (applied.verdict != Verdict::fresh) return applied;

  const bool is_signed = counts_as_signed(sighting, now);
  const bool offline = presence.type == PresenceType::offline;
  const Duration asked = is_signed && presence.ttl ? Duration(*presence.ttl) : Duration::zero();
  const Duration ttl = std::max(settings_.ttl, asked);
  const bool is_new = !rows_.contains(presence.peer);
  if (is_new && offline) {  // nobody to end, but nothing older may bring it back
    if (is_signed) {
      remember_ended(presence.peer,
                     {presence.ts, *sighting.envelope, ends(now.at, ttl), presence.public_key},
                     now);
    }
    return applied;
  }
  Row* row = find_or_make(presence.peer, is_signed ? Worth::signed_message : Worth::hearsay, now,
                          applied.events);
  if (row == nullptr) return {Verdict::full, std::move(applied.events)};
  // Whoever is connected is there, unless it says itself that it is not.
  if (offline && !is_signed && row->peer.connected) return {Verdict::outranked, {}};
  auto& rate = is_signed ? row->signed_rate : row->unsigned_rate;
  if (!rate.take(now.at) && !(is_signed && offline)) {
    return {Verdict::limited, std::move(applied.events)};
  }

  Change change(*row, is_new);
  if (is_signed) prove(row->proof, sighting, now, ttl);
  if (offline) {
    if (!is_signed) row->unsigned_offline_ts = presence.ts;
    row->said_offline = true;
    go_offline(*row, now);
  } else {
    row->said_offline = false;
    row->heard = now.at;
    row->ttl = ttl;
    row->peer.online = true;
    row->peer.last_seen = now.wall;
    take_fields(*row, sighting, is_signed);
    note_channel(*row, sighting, now);
  }
  settle(*row);
  change.tell(*row, applied.events);
  return applied;
}

void PeerTable::prove(Signed& proof, const Sighting& sighting, Now now, Duration ttl) {
  proof.ts = sighting.presence.ts;
  proof.envelope = *sighting.envelope;
  proof.holds_until = ends(now.at, ttl);
  if (!sighting.presence.public_key.empty()) proof.key = sighting.presence.public_key;
}

void PeerTable::take_fields(Row& row, const Sighting& sighting, bool is_signed) const {
  const auto& said = sighting.presence;
  KnownPeer& peer = row.peer;
  peer.label = said.label;
  peer.email = said.email;
  peer.avatar_hash = said.avatar_hash;
  peer.active_template = said.active_template;
  peer.client_version = said.client_version;
  peer.video_disabled = said.video_disabled;
  peer.encryption_supported = said.encryption_supported;
  if (!said.addresses.empty()) peer.addresses = said.addresses;
  if (is_signed) {
    peer.proof = Proof::signature;
    peer.public_key = row.proof.key;
  } else {
    peer.proof = peer.connected ? Proof::connection : Proof::hearsay;
    if (row.proof.ts > 0) {
      peer.public_key.clear();  // it may be anybody: the pinned key waits for a signed message
    } else if (!said.public_key.empty()) {
      peer.public_key = said.public_key;
    }
  }
}

void PeerTable::note_channel(Row& row, const Sighting& sighting, Now now) const {
  if (sighting.channel == Channel::gossip) row.by_gossip = now.at;
  if (sighting.channel == Channel::rendezvous) row.by_rendezvous = now.at;
  if (sighting.channel != Channel::connection) row.peer.known_by |= bit(sighting.channel);
  if (!sighting.verified) return;
  if (*sighting.verified && row.vouching.size() < limits::vouching_servers) {
    row.vouching.insert(sighting.server);
  } else if (!*sighting.verified) {
    row.vouching.erase(sighting.server);
  }
  row.peer.verified = !row.vouching.empty();
}

void PeerTable::go_offline(Row& row, Now now) const {
  if (!row.peer.online) return;
  row.peer.online = false;
  row.peer.reachable = false;
  row.peer.known_by &= bit(Channel::connection);
  row.failures = 0;
  row.left = now.at;
}

// --- servers' lists ---

PeerEvents PeerTable::still_listed(std::span<const p2p::PeerId> peers, Now now) {
  PeerEvents events;
  for (const auto& peer : peers) {
    Row* row = find_row(peer);
    if (row == nullptr || !row->peer.online || !row->by_rendezvous) continue;
    Change change(*row);
    row->heard = row->by_rendezvous = now.at;
    row->peer.last_seen = now.wall;
    // What holds at the server holds here: it would not be listed without its own later messages.
    if (row->peer.proof == Proof::signature) row->proof.holds_until = ends(now.at, row->ttl);
    refresh(*row, now);
    change.tell(*row, events);
  }
  return events;
}

PeerEvents PeerTable::unlisted(std::span<const p2p::PeerId> peers, Now now) {
  PeerEvents events;
  for (const auto& peer : peers) {
    Row* row = find_row(peer);
    if (row == nullptr || !row->by_rendezvous) continue;
    Change change(*row);
    row->by_rendezvous.reset();
    row->heard = row->by_gossip;
    const bool silent_since = row->disconnected && row->heard && *row->heard <= *row->disconnected;
    if (silent_since) row->heard.reset();
    row->ttl = row->ttl / 2;  // until its next message
    refresh(*row, now);
    settle(*row);
    change.tell(*row, events);
  }
  return events;
}

// --- connections and probes ---

PeerEvents PeerTable::connected(const p2p::PeerId& peer, Now now) {
  PeerEvents events;
  if (peer == self_) return events;
  const bool is_new = !rows_.contains(peer);
  Row* row = find_or_make(peer, Worth::connected, now, events);
  if (row == nullptr) return events;
  Change change(*row, is_new);
  row->peer.connected = true;
  row->peer.known_by |= bit(Channel::connection);
  if (row->peer.proof == Proof::hearsay) row->peer.proof = Proof::connection;
  if (!row->said_offline) {
    row->peer.online = true;
    row->peer.reachable = true;
    row->peer.last_seen = now.wall;
  }
  row->failures = 0;
  settle(*row);
  change.tell(*row, events);
  return events;
}

// It never said a word and has no name, like a command that fetches one file: there is nobody to be
// shown as away.
bool PeerTable::came_and_went(const Row& row) {
  return !row.heard && row.proof.ts == 0 && row.peer.label.empty() && !row.peer.favourite;
}

PeerEvents PeerTable::disconnected(const p2p::PeerId& peer, Now now) {
  PeerEvents events;
  Row* row = find_row(peer);
  if (row == nullptr || !row->peer.connected) return events;
  if (came_and_went(*row)) {
    remove(peer, now);
    events.push_back({PeerEvent::Kind::removed, peer});
    return events;
  }
  Change change(*row);
  row->peer.connected = false;
  row->disconnected = now.at;
  row->peer.known_by &= static_cast<std::uint8_t>(~bit(Channel::connection));
  if (row->peer.online) row->peer.last_seen = now.wall;
  refresh(*row, now);
  settle(*row);
  change.tell(*row, events);
  return events;
}

PeerEvents PeerTable::labelled(const p2p::PeerId& peer, std::string label, Now now) {
  PeerEvents events;
  Row* row = find_row(peer);
  if (row == nullptr || (row->heard && now.at < ends(*row->heard, row->ttl))) return events;
  Change change(*row);
  row->peer.label = std::move(label);
  change.tell(*row, events);
  return events;
}

PeerEvents PeerTable::probed(const p2p::PeerId& peer, Probe result, Now now) {
  PeerEvents events;
  Row* row = find_row(peer);
  if (row == nullptr || !row->peer.online) return events;
  Change change(*row);
  if (result == Probe::answered) {
    row->failures = 0;
    row->peer.reachable = true;
  } else if (row->failures == 0 || now.at - row->last_failure > limits::failure_spacing) {
    row->last_failure = now.at;
    if (++row->failures >= limits::failures_to_unreachable) row->peer.reachable = false;
  }
  change.tell(*row, events);
  return events;
}

// --- what is known from before ---

PeerEvents PeerTable::seed(KnownPeer peer, std::int64_t signed_ts, Now now) {
  PeerEvents events;
  if (peer.id == self_ || peer.id.empty()) return events;
  if (peer.favourite) favourites_.insert(peer.id);
  if (rows_.contains(peer.id)) return events;
  Row* row = find_or_make(peer.id, Worth::offline, now, events);
  if (row == nullptr) return events;
  Change change(*row, true);
  row->proof.ts = signed_ts;
  if (signed_ts > 0) row->proof.key = peer.public_key;
  peer.favourite = row->peer.favourite;
  peer.online = peer.connected = peer.reachable = false;
  peer.known_by = 0;
  peer.proof = signed_ts > 0 ? Proof::signature : Proof::hearsay;
  row->peer = std::move(peer);
  settle(*row);
  change.tell(*row, events);
  return events;
}

PeerEvents PeerTable::set_favourite(const p2p::PeerId& peer, Favourite wanted, Now now) {
  PeerEvents events;
  if (wanted == Favourite::yes) {
    favourites_.insert(peer);
  } else {
    favourites_.erase(peer);
  }
  Row* row = find_row(peer);
  if (row == nullptr) return events;
  Change change(*row);
  row->peer.favourite = wanted == Favourite::yes;
  if (!row->peer.online && wanted == Favourite::no) row->left = now.at;  // its grace begins
  settle(*row);
  change.tell(*row, events);
  return events;
}

// --- time ---

// What the passing of time does to a row that stays.
void PeerTable::refresh(Row& row, Now now) const {
  const auto heard = [&](const std::optional<Instant>& at) {
    return at && now.at < ends(*at, row.ttl);
  };
  KnownPeer& peer = row.peer;
  if (!peer.online) return;
  if (!peer.connected && !heard(row.heard)) return go_offline(row, now);
  peer.known_by &= bit(Channel::connection);
  if (heard(row.by_gossip)) peer.known_by |= bit(Channel::gossip);
  if (heard(row.by_rendezvous)) peer.known_by |= bit(Channel::rendezvous);
  if (peer.proof == Proof::connection && !peer.connected) peer.proof = Proof::hearsay;
}

PeerEvents PeerTable::expire(Now now) {
  PeerEvents events;
  std::vector<p2p::PeerId> gone;
  for (auto& [id, row] : rows_) {
    if (row.peer.online) {
      Change change(row);
      refresh(row, now);
      settle(row);
      change.tell(row, events);
    }
    const bool over = now.at >= saturating_add(row.left, settings_.grace);
    if (!row.peer.online && !row.peer.connected && !row.peer.favourite && over) gone.push_back(id);
  }
  for (const auto& id : gone) {
    remove(id, now);
    events.push_back({PeerEvent::Kind::removed, id});
  }
  while (!ended_order_.empty() && ended_order_.begin()->first <= now.at) {
    ended_.erase(ended_order_.begin()->second);
    ended_order_.erase(ended_order_.begin());
  }
  return events;
}

// --- looking ---

const KnownPeer* PeerTable::find(const p2p::PeerId& peer) const {
  const auto found = rows_.find(peer);
  return found == rows_.end() ? nullptr : &found->second.peer;
}

std::int64_t PeerTable::signed_ts(const p2p::PeerId& peer) const {
  const Signed* proof = proof_of(peer);
  return proof == nullptr ? 0 : proof->ts;
}

bool PeerTable::said_goodbye(const p2p::PeerId& peer) const {
  const auto found = rows_.find(peer);
  return found != rows_.end() && found->second.said_offline;
}

std::vector<KnownPeer> PeerTable::list() const {
  std::vector<KnownPeer> all;
  all.reserve(rows_.size());
  for (const auto& [id, row] : rows_) all.push_back(row.peer);
  return all;
}

}  // namespace goop::peer::presence
