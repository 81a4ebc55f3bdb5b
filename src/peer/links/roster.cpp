#include "peer/links/roster.h"

namespace goop::peer::links {

void Roster::take(const wire::Presence& presence) {
  switch (presence.type) {
    case wire::PresenceType::online:
    case wire::PresenceType::update:
      if (here_.size() < limits::roster_peers || here_.contains(presence.peer)) {
        here_.insert_or_assign(presence.peer, round_);
      }
      return;
    case wire::PresenceType::offline:
      here_.erase(presence.peer);
      return;
    case wire::PresenceType::punch:
      return;
  }
}

std::vector<p2p::PeerId> Roster::snapshot_ends() {
  std::vector<p2p::PeerId> gone;
  if (!std::exchange(in_snapshot_, false)) return gone;  // a resumed stream
  for (const auto& [peer, round] : here_) {
    if (round != round_) gone.push_back(peer);
  }
  for (const auto& peer : gone) here_.erase(peer);
  return gone;
}

std::vector<p2p::PeerId> Roster::list() const {
  std::vector<p2p::PeerId> all;
  all.reserve(here_.size());
  for (const auto& [peer, round] : here_) all.push_back(peer);
  return all;
}

}  // namespace goop::peer::links
