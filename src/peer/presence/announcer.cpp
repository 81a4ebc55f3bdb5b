#include "peer/presence/announcer.h"

#include <algorithm>

#include "base/label.h"

namespace goop::peer::presence {

using wire::PresenceType;

namespace {

constexpr std::int64_t window_ms =
    std::chrono::duration_cast<std::chrono::milliseconds>(wire::limits::presence_skew).count();

// A number that others believe, or 0.
std::int64_t believed(std::int64_t ts, std::int64_t clock, std::int64_t ahead = window_ms) {
  return ts - clock > ahead ? 0 : ts;
}

}  // namespace

Announcer::Announcer(Runtime& runtime, const p2p::KeyPair& key, Options options)
    : runtime_(runtime),
      key_(key),
      id_(p2p::PeerId::from_key(key.public_key())),
      options_(std::move(options)),
      woken_(runtime),
      last_ts_(options_.last_ts),
      stored_ts_(options_.last_ts),
      before_(std::max(options_.last_ts, to_ms(runtime.wall()))) {}

std::int64_t Announcer::next_ts() const {
  const auto clock = to_ms(runtime_.wall());
  return std::max(clock, believed(last_ts_, clock) + 1);
}

void Announcer::announce(PresenceType type) {
  wire::Presence presence;
  // Whoever leaves has nothing else to say.
  if (type != PresenceType::offline) presence = options_.self();
  presence.type = type;
  presence.peer = id_;
  presence.label = clean_label(presence.label, limits::own_label_bytes);
  presence.ts = last_ts_ = next_ts();
  said_.push_back(last_ts_);
  if (said_.size() > limits::said_kept) said_.pop_front();
  const auto message = wire::sign_presence(key_, std::move(presence));
  last_at_ = runtime_.now();
  said_online_ = type != PresenceType::offline;
  ++announced_;
  options_.gossip(message);
  options_.servers(message);
}

// A number that went out must not be used again, after a crash either. Stored is what the clock
// will say in a while, so that a heartbeat is seldom a write, and restarts do not add up.
Task<> Announcer::reserve() {
  const auto next = next_ts(), clock = to_ms(runtime_.wall());
  if (next <= believed(stored_ts_, clock, window_ms + limits::ts_reserve.count())) co_return;
  const auto ahead = std::max(next + limits::ts_steps, clock + limits::ts_reserve.count());
  auto storing = options_.store_ts(ahead);
  const auto stored = co_await attempt(std::move(storing));
  if (stored) {
    stored_ts_ = ahead;
    storing_.succeeded();
  } else {
    storing_.failed(stored.error(), runtime_.now());
  }
}

Task<> Announcer::run() {
  next_ = runtime_.now();
  for (;;) {
    while (runtime_.now() < next_) {
      const Deadline due{next_};
      co_await woken_.wait_until(due);
    }
    next_ = saturating_add(runtime_.now(), options_.heartbeat);
    co_await reserve();
    if (stopped_) continue;
    if (appears_ == Appear::online) {
      announce(said_online_ ? PresenceType::update : PresenceType::online);
    } else if (said_online_) {
      announce(PresenceType::offline);
    }
  }
}

bool Announcer::said(std::int64_t ts) const { return std::ranges::find(said_, ts) != said_.end(); }

Announcer::Whose Announcer::heard_own(std::int64_t ts) {
  if (said(ts)) return Whose::ours;
  if (ts > last_ts_) last_ts_ = std::max(last_ts_, believed(ts, to_ms(runtime_.wall())));
  // Of what was said long ago in this run we do not know any more which it was.
  const bool forgotten = said_.size() == limits::said_kept && ts < said_.front();
  return ts <= before_ || forgotten ? Whose::earlier_run : Whose::twin;
}

void Announcer::wake_at(Instant at) {
  // The first one was said before anybody was there to hear it.
  const auto earliest = announced_ <= 1 ? at : saturating_add(last_at_, limits::announce_pause);
  next_ = std::min(next_, std::max(at, earliest));
  woken_.notify_all();
}

void Announcer::changed() { wake_at(runtime_.now()); }

void Announcer::newcomer() { wake_at(saturating_add(runtime_.now(), limits::newcomer_delay)); }

void Announcer::appear(Appear how) {
  if (appears_ == how) return;
  appears_ = how;
  next_ = runtime_.now();  // a person waits for it
  woken_.notify_all();
}

Task<> Announcer::stop(Deadline by) {
  if (stopped_) co_return;
  stopped_ = true;
  if (said_online_) announce(PresenceType::offline);
  co_await options_.flush(by);
  co_await reserve();
}

}  // namespace goop::peer::presence
