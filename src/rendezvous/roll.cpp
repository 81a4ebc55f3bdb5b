#include "rendezvous/roll.h"

#include "base/ascii.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {

Task<> Roll::ready() {
  asked_ = runtime_.now();
  if (!kept_) {
    for (const auto& [peer, row] : board_.rows()) missing_.push_back(peer);
    kept_ = true;
  }
  while (!missing_.empty()) {  // by whoever waits for it
    const auto peer = missing_.back();
    missing_.pop_back();
    const auto* row = board_.find(peer);
    if (row && !places_.contains(peer)) enter(row->message->presence);
    if (missing_.size() % limits::roll_step == 0) co_await runtime_.yield();
  }
}

Roll::Found Roll::find(std::string_view search, std::size_t room) const {
  const auto wanted = ascii_lower(search);
  Found found;
  for (const auto& entry : order_) {
    if (entry.text.find(wanted) == entry.text.npos) continue;
    if (++found.count <= room) found.first.push_back(entry.peer);
    if (wanted.empty() && found.count > room) break;
  }
  if (wanted.empty()) found.count = order_.size();
  return found;
}

void Roll::hear(std::span<const Change> changes) {
  if (!kept_) return;
  for (const auto& change : changes) {
    if (change.kind == Change::Kind::beat) continue;
    const auto& peer = change.message->presence.peer;
    leave(peer);
    if (const auto* row = board_.find(peer)) enter(row->message->presence);
  }
}

void Roll::forget_unasked() {
  if (!kept_ || runtime_.now() - asked_ < limits::roll_kept) return;
  kept_ = false;
  missing_.clear();
  places_.clear();
  order_.clear();
}

void Roll::enter(const wire::Presence& presence) {
  auto text = ascii_lower(fmt::format("{}\n{}\n{}", presence.label, presence.email, presence.peer));
  const auto at = order_.insert({presence.label, presence.peer, std::move(text)}).first;
  places_.emplace(presence.peer, at);
}

void Roll::leave(const p2p::PeerId& peer) {
  const auto at = places_.find(peer);
  if (at == places_.end()) return;
  order_.erase(at->second);
  places_.erase(at);
}

}  // namespace goop::rendezvous
