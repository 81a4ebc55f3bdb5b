#include "rendezvous/backplane/own_share.h"

#include "rendezvous/backplane/limits.h"

namespace goop::rendezvous::backplane {

void OwnShare::wait(const p2p::PeerId& peer, Message last) {
  if (waiting_.size() >= limits::waiting && !waiting_.contains(peer)) {
    ++overflows_;
    ++number_;  // which nobody gets to see
    waiting_.clear();
  }
  waiting_.insert_or_assign(peer, std::move(last));
}

void OwnShare::changed(std::span<const Change> changes, Instant now) {
  for (const auto& change : changes) {
    const auto& peer = change.message->presence.peer;
    const auto* row = board_.find(peer);
    if (row && board_.lives_here(*row, now)) {
      if (change.kind == Change::Kind::changed || !mine_.contains(peer)) wait(peer, nullptr);
    } else if (change.kind == Change::Kind::gone) {
      const bool said = !change.last;
      if (said || mine_.contains(peer)) wait(peer, said ? change.message : change.last);
    }
  }
}

void OwnShare::look(Instant now) {
  for (const auto& [peer, mine] : mine_) {
    const auto* row = board_.find(peer);
    const bool here = row && board_.lives_here(*row, now);
    if (here && now - mine.sent < limits::repeat) continue;
    if (!waiting_.contains(peer)) wait(peer, nullptr);
  }
  for (const auto& [peer, row] : board_.rows()) {
    if (board_.lives_here(row, now) && !mine_.contains(peer) && !waiting_.contains(peer)) {
      wait(peer, nullptr);
    }
  }
}

void OwnShare::say_again() {
  if (saying_again_) return;
  begin_again_ = saying_again_ = true;
}

// And notes that the others know now.
std::optional<Entry> OwnShare::entry_for(const p2p::PeerId& peer, const Message& last,
                                         Instant now) {
  Entry entry;
  entry.peer = peer;
  const auto* row = board_.find(peer);
  const bool here = row && board_.lives_here(*row, now);
  entry.kind = here ? Entry::Kind::here : Entry::Kind::left;
  if (const auto message = row ? row->message : last) {
    entry.ts = message->presence.ts;
    entry.text = wire::write_presence(*message);
    if (entry.text.size() > wire::limits::presence_bytes) return std::nullopt;  // nobody could read
  }
  if (row) entry.address = row->address;
  if (here) {
    if (mine_.insert_or_assign(peer, Mine{now}).second) sum_ += share_sum(peer);
  } else if (mine_.erase(peer) > 0) {
    sum_ -= share_sum(peer);
  } else if (!last) {
    return std::nullopt;  // it came and went untold
  }
  return entry;
}

void OwnShare::fill(News& news, Instant now) {
  std::size_t bytes = 0;
  while (!waiting_.empty() && bytes < limits::frame_bytes &&
         news.entries.size() < limits::entries_most) {
    const auto next = waiting_.begin();
    auto entry = entry_for(next->first, next->second, now);
    waiting_.erase(next);
    if (!entry) continue;
    bytes += encoded_size(*entry);
    news.entries.push_back(*std::move(entry));
  }
}

void OwnShare::fill_again(News& news, Instant now) {
  if (begin_again_) {
    begin_again_ = false;
    news.begin = true;
    again_.clear();
    for (const auto& [peer, mine] : mine_) again_.push_back(peer);
  }
  std::size_t bytes = 0;
  while (!again_.empty() && bytes < limits::frame_bytes &&
         news.entries.size() < limits::entries_most) {
    const auto peer = again_.back();
    again_.pop_back();
    if (!mine_.contains(peer)) continue;  // it left meanwhile, which was told
    auto entry = entry_for(peer, nullptr, now);
    if (!entry) continue;
    bytes += encoded_size(*entry);
    news.entries.push_back(*std::move(entry));
  }
  if (!again_.empty()) return;
  news.end = true;
  saying_again_ = false;
}

std::optional<News> OwnShare::next(Instant now) {
  News news;
  fill(news, now);
  if (news.entries.empty() && saying_again_) fill_again(news, now);
  if (news.entries.empty() && !news.begin && !news.end) return std::nullopt;
  news.number = ++number_;
  return news;
}

}  // namespace goop::rendezvous::backplane
