#include "peer/setup/peer_cache.h"

#include <algorithm>
#include <tuple>

#include "base/failure_log.h"
#include "base/task_scope.h"
#include "peer/setup/limits.h"
#include "peer/setup/peer_rows.h"

namespace goop::peer::setup {
namespace {

void clip(std::string& text) {
  if (text.size() <= limits::remembered_text_bytes) return;
  std::size_t end = limits::remembered_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
}

void clip(RememberedPeer& peer) {
  for (auto* text :
       {&peer.content, &peer.email, &peer.avatar_hash, &peer.active_template, &peer.public_key}) {
    clip(*text);
  }
  if (peer.addresses.size() > limits::remembered_addresses) {
    peer.addresses.resize(limits::remembered_addresses);
  }
  if (peer.protocols.size() > limits::remembered_protocols) {
    peer.protocols.resize(limits::remembered_protocols);
  }
  for (auto& protocol : peer.protocols) clip(protocol);
}

}  // namespace

Task<> PeerCache::load() {
  auto rows = co_await database_.run(read_peer_rows);
  peers_.clear();
  dirty_.clear();
  favorites_ = 0;
  for (auto& row : rows) {
    clip(row);
    favorites_ += row.favorite;
    const auto id = row.id;
    const auto seen = row.last_seen;
    peers_.emplace(id, Entry{std::move(row), seen});
  }
  make_room();
}

std::vector<RememberedPeer> PeerCache::list() const {
  std::vector<RememberedPeer> all;
  all.reserve(peers_.size());
  for (const auto& [id, entry] : peers_) all.push_back(entry.peer);
  const auto newer = [](const RememberedPeer& a, const RememberedPeer& b) {
    return std::tie(b.last_seen, a.id) < std::tie(a.last_seen, b.id);
  };
  std::ranges::sort(all, newer);
  return all;
}

const RememberedPeer* PeerCache::find(const p2p::PeerId& id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second.peer;
}

void PeerCache::remember(RememberedPeer seen) {
  if (seen.id.empty()) return;
  clip(seen);
  const auto id = seen.id;
  const auto [place, added] = peers_.try_emplace(id);
  Entry& entry = place->second;
  if (seen.addresses.empty()) seen.addresses = entry.peer.addresses;
  if (seen.protocols.empty()) seen.protocols = entry.peer.protocols;
  if (seen.public_key.empty()) seen.public_key = entry.peer.public_key;
  seen.favorite = entry.peer.favorite;
  seen.days_met = entry.peer.days_met;
  seen.day_met = entry.peer.day_met;
  seen.last_seen = std::max(seen.last_seen, entry.peer.last_seen);
  seen.signed_ts = std::max(seen.signed_ts, entry.peer.signed_ts);
  // Having been seen is news only from time to time; anything else is at once.
  const bool first_signed = entry.peer.signed_ts == 0 && seen.signed_ts > 0;
  entry.peer.last_seen = seen.last_seen;
  entry.peer.signed_ts = seen.signed_ts;
  const bool stale = seen.last_seen - entry.written_seen >= limits::last_seen_step;
  if (added || stale || first_signed || entry.peer != seen) {
    entry.written_seen = seen.last_seen;
    touch(id);
  }
  entry.peer = std::move(seen);
  if (added) make_room();
}

void PeerCache::met(const p2p::PeerId& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  RememberedPeer& peer = found->second.peer;
  const auto today = std::chrono::floor<std::chrono::days>(runtime_.wall()).time_since_epoch();
  if (peer.days_met >= limits::days_known || today.count() == peer.day_met) return;
  ++peer.days_met;
  peer.day_met = today.count();
  touch(id);
}

void PeerCache::remember_addresses(const p2p::PeerId& id, std::vector<p2p::Multiaddr> addresses) {
  const auto* known = find(id);
  RememberedPeer seen = known ? *known : RememberedPeer{};
  seen.id = id;
  seen.addresses = std::move(addresses);
  seen.last_seen = runtime_.wall();
  remember(std::move(seen));
}

Result<void> PeerCache::set_favorite(const p2p::PeerId& id, Favorite favorite) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return fail(Errc::not_found, "{} is not remembered", id);
  const bool wanted = favorite == Favorite::yes;
  RememberedPeer& peer = found->second.peer;
  if (peer.favorite == wanted) return {};
  if (wanted && favorites_ >= limits::remembered_favorites) {
    return fail(Errc::busy, "there are {} favourites; remove one first", favorites_);
  }
  peer.favorite = wanted;
  wanted ? ++favorites_ : --favorites_;
  touch(id);
  make_room();
  return {};
}

void PeerCache::forget(const p2p::PeerId& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end() || found->second.peer.favorite) return;
  peers_.erase(found);
  touch(id);
}

void PeerCache::touch(const p2p::PeerId& id) {
  dirty_.insert(id);
  changed_.notify_one();
}

void PeerCache::make_room() {
  while (peers_.size() - favorites_ > limits::remembered_peers) {
    const auto age = [](const auto& a, const auto& b) {
      const auto key = [](const auto& item) {
        return std::pair(item.second.peer.favorite, item.second.peer.last_seen);
      };
      return key(a) < key(b);
    };
    forget(p2p::PeerId(std::ranges::min_element(peers_, age)->first));
  }
}

Task<> PeerCache::run() {
  FailureLog failures("peers");
  for (;;) {
    while (dirty_.empty()) co_await changed_.wait_until(Deadline::never());
    co_await runtime_.sleep_for(limits::peer_write_delay);
    const auto written = co_await attempt(flush());
    if (written) {
      failures.succeeded();
    } else {
      failures.failed(written.error(), runtime_.now());
    }
  }
}

Task<> PeerCache::flush() {
  if (dirty_.empty()) co_return;
  PeerRows rows;
  for (const auto& id : dirty_) {
    if (const auto* peer = find(id)) {
      rows.changed.push_back(*peer);
    } else {
      rows.gone.push_back(id);
    }
  }
  auto taken = std::exchange(dirty_, {});
  auto job = [rows = std::move(rows)](store::Connection& c) { write_peer_rows(c, rows); };
  try {
    co_await database_.run(std::move(job));
  } catch (...) {
    dirty_.merge(taken);
    throw;
  }
}

}  // namespace goop::peer::setup
