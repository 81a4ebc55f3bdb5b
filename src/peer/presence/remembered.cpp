#include "peer/presence/remembered.h"

#include "base/label.h"

namespace goop::peer::presence {

void remember(setup::PeerCache& cache, const KnownPeer& peer, std::int64_t signed_ts) {
  const auto* known = cache.find(peer.id);
  if (peer.proof == Proof::hearsay && (!known || signed_ts > 0) && !peer.favourite) return;
  auto seen = known ? *known : setup::RememberedPeer{};
  seen.id = peer.id;
  seen.last_seen = peer.last_seen;
  seen.signed_ts = signed_ts;
  if (peer.proof != Proof::hearsay || signed_ts == 0) {
    if (!peer.label.empty()) seen.content = peer.label;
    seen.email = peer.email;
    seen.avatar_hash = peer.avatar_hash;
    seen.active_template = peer.active_template;
    seen.video_disabled = peer.video_disabled;
    seen.verified = peer.verified;
    seen.public_key = peer.public_key;
    if (!peer.addresses.empty()) seen.addresses = peer.addresses;
  }
  cache.remember(std::move(seen));
}

PeerEvents seed_table(PeerTable& table, const setup::PeerCache& cache, Duration grace, Now now) {
  PeerEvents events;
  for (const auto& peer : cache.list()) {
    if (!peer.favorite && now.wall - peer.last_seen >= grace) continue;
    // An address that was dialled, a guest that came by: nobody yet who could be shown as away.
    if (!peer.favorite && peer.content.empty() && peer.signed_ts == 0) continue;
    KnownPeer row;
    row.id = peer.id;
    row.label = clean_label(peer.content, limits::shown_text_bytes);
    row.email = clean_label(peer.email, limits::shown_text_bytes);
    row.avatar_hash = peer.avatar_hash;
    row.active_template = peer.active_template;
    row.public_key = peer.public_key;
    row.video_disabled = peer.video_disabled;
    row.verified = peer.verified;
    row.addresses = peer.addresses;
    row.last_seen = peer.last_seen;
    row.favourite = peer.favorite;
    auto more = table.seed(std::move(row), peer.signed_ts, now);
    events.insert(events.end(), more.begin(), more.end());
  }
  return events;
}

}  // namespace goop::peer::presence
